// The order form: filled from the API, read into a request, and the place where a refusal is shown.

import { ApiError, plan } from "./api.js";
import { announce, byId, duration, glyph, make } from "./elements.js";
import * as guides from "./guides.js";
import * as loras from "./loras.js";
import * as sampling from "./sampling.js";
import { arrived } from "./source.js";
import * as start from "./start.js";
import { relative } from "./tile.js";

/** @import { AssetTypeBody, AssetTypesBody, ImageBody, JobBody, LorasBody, ModelBody, ModelsBody } from "../openapi.d.ts" */
/** @import { Order } from "./api.js" */

const COUNTS = [1, 2, 4, 8];
const form = () => byId("order");
/** What FormData has for a name, as text: files have none here. @param {string} name */
const entered = (name) => String(new FormData(form()).get(name) ?? "");
/** @type {{ assetTypes: AssetTypeBody[], models: ModelBody[] }} */
let catalog = { assetTypes: [], models: [] };
/** Whether the prompt is somebody's own words, and not those of a job or an example. */
let typed = false;

/**
 * Fill the choices from the API and wire the form. `onSubmit(body)` gets a request body.
 * @param {AssetTypesBody} assetTypes
 * @param {ModelsBody} models
 * @param {LorasBody} loras
 * @param {(body: Order) => void} onSubmit
 */
export function setUp({ asset_types: assetTypes, qualities, limits }, { models }, { loras: known }, onSubmit) {
  catalog = { assetTypes, models };
  byId("asset-types").replaceChildren(...assetTypes.map((kind, i) => card(kind, i === 0)));
  const usual = qualities.find((quality) => quality.id === "standard") ?? qualities[0];
  byId("qualities").replaceChildren(
    ...qualities.map((quality) => segment("quality", quality.id, quality.name, quality === usual, quality.description)),
  );
  byId("counts").replaceChildren(
    ...COUNTS.map((count) => segment("num_variations", String(count), String(count), count === 1)),
  );
  byId("model").replaceChildren(
    ...models.map((model) => make("option", { value: model.id, selected: model.default }, model.name)),
  );
  loras.setUp(known, limits.max_loras, scheduleEstimate);
  const listener = { changed: scheduleEstimate, refuse: refuseAt };
  start.setUp(listener);
  guides.setUp(limits.max_pictures, listener);
  loras.show(byId("model").value);
  showSizes();
  showHints();
  if (navigator.platform.startsWith("Mac")) byId("shortcut").textContent = "⌘ ⏎";
  form().addEventListener("input", changed);
  form().addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors();
    await arrived();
    // A picture that could not be sent has said so: without it this would be another order.
    if (!form().querySelector(".error:not([hidden])")) onSubmit(read());
  });
  byId("prompt").addEventListener("input", () => {
    typed = true;
  });
  takeDrops();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !byId("brush").open) {
      event.preventDefault();
      if (!event.repeat) form().requestSubmit();
    }
  });
}

/** Pictures that are dropped or pasted, wherever that is: a browser would leave the page for them. */
function takeDrops() {
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    form().classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form().classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    form().classList.remove("dropping");
    take(event.dataTransfer, /** @type {Element} */ (event.target));
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && !byId("brush").open) take(event.clipboardData, document.body);
  });
}

/**
 * @param {DataTransfer | null} transfer
 * @param {Element} target
 */
function take(transfer, target) {
  const taken = !guides.holds(target) && start.takeFrom(transfer);
  if (!taken && !guides.takeFrom(transfer, target)) announce("This model takes no such picture");
}

const chosenModel = () => catalog.models.find((one) => one.id === byId("model").value);

/** @param {ModelBody | undefined} model */
const takes = (model) => start.redraws(model) || (model?.capabilities.references ?? 0) > 0;

/** Whether a model of this studio can go on from a picture. */
export const takesPictures = () => catalog.models.some(takes);

/**
 * Go on from a finished picture: it is put where the chosen model takes one, with the settings that it was drawn with.
 * @param {ImageBody} image
 * @param {JobBody} job
 */
export function edit(image, job) {
  const prompt = typed ? byId("prompt").value : "";
  const able = [job.model, byId("model").value].find((id) => takes(catalog.models.find((one) => one.id === id)));
  fill({ ...job, inputs: [], images: [], model: able ?? catalog.models.find(takes)?.id ?? job.model });
  // A fresh order for one picture, and words that somebody has begun to write are theirs.
  choose("num_variations", 1);
  if (prompt.trim()) byId("prompt").value = prompt;
  const source = { name: `${job.job_id}/${image.index}`, shown: relative(image.url), title: job.prompt };
  if (start.redraws(chosenModel())) start.beginWith(source);
  else guides.edit(source);
  form().scrollTo({ top: 0 });
  form().scrollIntoView({ block: "nearest" });
  byId("prompt").focus();
  byId("prompt").select();
  announce(`Picture ${image.index + 1} is in the form. Say what it should show.`);
}

/**
 * @param {string} name
 * @param {string | number} value
 */
function choose(name, value) {
  /** @type {HTMLInputElement | null} */
  const input = form().querySelector(`input[name="${name}"][value="${CSS.escape(String(value))}"]`);
  if (input) input.checked = true;
}

/**
 * @param {AssetTypeBody} kind
 * @param {boolean} checked
 */
function card(kind, checked) {
  const input = make("input", {
    type: "radio",
    name: "asset_type",
    value: kind.id,
    checked,
    "data-hint": kind.description,
  });
  return make("label", { class: "card" }, input, glyph(kind.id), make("span", {}, kind.name));
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} text
 * @param {boolean} checked
 * @param {string} [hint]
 */
function segment(name, value, text, checked, hint) {
  const input = make("input", { type: "radio", name, value, checked, "data-hint": hint });
  return make("label", { class: "segment" }, input, make("span", {}, text));
}

/** @param {Event} event */
function changed(event) {
  const control = /** @type {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */ (event.target);
  /** @type {HTMLElement | null} */
  const field = control.closest("[data-field]");
  if (field) showError(field, null);
  if (control.name === "asset_type") showSizes();
  if (control.name === "model") loras.show(control.value);
  showHints();
  scheduleEstimate();
}

/** The sizes of the chosen asset type; a size that it has too stays chosen. */
function showSizes(chosen = entered("size")) {
  const kind = catalog.assetTypes.find((one) => one.id === entered("asset_type"));
  if (!kind) return;
  const keep = kind.sizes.includes(chosen) ? chosen : "";
  byId("sizes").replaceChildren(
    segment("size", "", "Auto", keep === ""),
    ...kind.sizes.map((size) => segment("size", size, size.replace("x", " × "), keep === size)),
  );
}

function showHints() {
  for (const name of ["asset_type", "quality"]) {
    /** @type {HTMLInputElement | null} */
    const checked = form().querySelector(`input[name=${name}]:checked`);
    byId(`${name}-hint`).textContent = checked?.dataset.hint ?? "";
  }
  const model = chosenModel();
  const kind = catalog.assetTypes.find((one) => one.id === entered("asset_type"));
  start.show(model, entered("size") || (kind?.default_size ?? ""));
  guides.show(model);
  sampling.show(model);
  byId("model-hint").textContent = model?.description ?? "";
  // What the model has no use for is neither offered nor sent.
  const avoid = byId("negative_prompt");
  avoid.disabled = !(model?.capabilities.negative_prompt ?? true);
  /** @type {HTMLElement} */ (avoid.closest(".field")).hidden = avoid.disabled;
}

/** The request body that the form stands for; what is left empty is left to the studio. */
export function read() {
  /** @type {Order} */
  const body = { prompt: entered("prompt").trim(), num_variations: Number(entered("num_variations")) };
  for (const name of /** @type {const} */ (["asset_type", "quality", "size", "model", "negative_prompt"])) {
    const value = entered(name).trim();
    if (value) body[name] = value;
  }
  const seed = entered("seed").trim();
  // What is not a number is sent as it is: the studio says what a seed may be.
  if (seed) body.seed = /^\d+$/.test(seed) ? Number(seed) : seed;
  const chosen = loras.read();
  if (chosen.length) body.loras = chosen;
  return Object.assign(body, start.read(), guides.read(), sampling.read());
}

/**
 * Put a job's settings back into the form.
 * @param {JobBody} job
 */
export function fill(job) {
  byId("prompt").value = job.prompt;
  typed = false;
  choose("asset_type", job.asset_type);
  choose("quality", job.quality);
  choose("num_variations", job.images_total);
  showSizes(job.size ?? "");
  if (catalog.models.some((model) => model.id === job.model)) byId("model").value = job.model;
  loras.show(byId("model").value, job.loras ?? []);
  showHints();
  start.fill(job, relative);
  guides.fill(job, relative);
  byId("seed").value = String(job.images[0]?.seed ?? "");
  byId("more").open = job.images.length > 0;
  clearErrors();
  showHints();
  scheduleEstimate();
  byId("prompt").focus();
}

/**
 * Write a prompt into the form, ready to be sent.
 * @param {string} prompt
 */
export function suggest(prompt) {
  byId("prompt").value = prompt;
  typed = false;
  byId("prompt").focus();
  scheduleEstimate();
}

/**
 * Show a refusal at its field, or above the button where it has none here.
 * @param {{ message: string, field?: string | null }} error
 */
export function refuse(error) {
  const sentence = error instanceof ApiError ? error.sentence : String(error.message);
  // `loras.0.strength` is shown at `loras`.
  const name = error.field?.split(".")[0];
  /** @type {HTMLElement | null} */
  const field = name ? form().querySelector(`[data-field="${CSS.escape(name)}"]`) : null;
  if (!field || field.closest("[hidden]")) {
    byId("order-error").textContent = sentence;
    byId("order-error").hidden = false;
    return;
  }
  field.closest("details")?.setAttribute("open", "");
  showError(field, sentence);
  /** @type {HTMLElement | null} */ (field.querySelector("input:checked, input, textarea, select"))?.focus();
  announce(sentence);
}

/**
 * Show a refusal at a field, whatever it names itself.
 * @param {string} field
 * @param {Error} error
 */
const refuseAt = (field, error) => refuse(Object.assign(error, { field }));

/**
 * @param {HTMLElement} field
 * @param {string | null} text null for none
 */
function showError(field, text) {
  const place = /** @type {HTMLElement} */ (field.querySelector(".error"));
  place.textContent = text ?? "";
  place.hidden = !text;
  const control = field.querySelector("textarea, select, input:not([type=radio])") ?? field;
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

function clearErrors() {
  byId("order-error").hidden = true;
  /** @type {NodeListOf<HTMLElement>} */
  const fields = form().querySelectorAll("[data-field]");
  for (const field of fields) showError(field, null);
}

/** @type {number | undefined} */
let waiting;
let asking = new AbortController();

/** After a pause in typing, ask the studio what the order would take. An order it would refuse has no estimate. */
function scheduleEstimate() {
  clearTimeout(waiting);
  asking.abort();
  waiting = setTimeout(async () => {
    const body = read();
    byId("estimate").textContent = "";
    if (!body.prompt) return;
    asking = new AbortController();
    try {
      const answer = await plan(body, asking.signal);
      const notes = answer.plan.notes.map((note) => ` ${note.message}.`).join("");
      const reading = answer.plan.stages.find((stage) => stage.kind === "base")?.reading;
      const tokens = reading ? ` ${reading.exact ? "" : "About "}${reading.tokens} of ${reading.limit} tokens.` : "";
      byId("estimate").textContent = `Takes ${duration(answer.estimated_time_seconds)}.${tokens}${notes}`;
    } catch {
      byId("estimate").textContent = "";
    }
  }, 500);
}
