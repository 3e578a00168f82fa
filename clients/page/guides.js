// Further pictures of an order, each list where the chosen model takes it: pictures to edit, controls, picture prompts.

import { announce, byId, make } from "./elements.js";
import { filesOf, forget, send } from "./source.js";

/** @import { CapabilitiesBody, JobBody, ModelBody } from "../openapi.d.ts" */
/** @import { Order } from "./api.js" */
/** @import { Source } from "./source.js" */

/** @typedef {"references" | "controls" | "image_prompts"} Field */
/** @typedef {{ source: Source, kind: string, scale: number, start: number, end: number }} Guide */

/** What each list is called, its role in a job, and whether its pictures count more or less. */
const LISTS = /** @type {const} */ ({
  references: { role: "reference", one: "picture to edit", scaled: false },
  controls: { role: "control", one: "guide", scaled: true },
  image_prompts: { role: "image_prompt", one: "picture prompt", scaled: true },
});
const FIELDS = /** @type {Field[]} */ (Object.keys(LISTS));

/** @type {Record<Field, Guide[]>} */
const chosen = { references: [], controls: [], image_prompts: [] };
/** @type {CapabilitiesBody | undefined} */
let can;
let most = 0;
/** @type {{ changed(): void, refuse(field: string, error: Error): void }} */
let on;

/**
 * @param {number} limit of pictures that one order may begin with
 * @param {{ changed(): void, refuse(field: string, error: Error): void }} listener
 */
export function setUp(limit, listener) {
  [most, on] = [limit, listener];
  for (const field of FIELDS) {
    const input = /** @type {HTMLInputElement} */ (byId(`${field}-file`));
    input.addEventListener("change", () => {
      for (const file of input.files ?? []) add(field, file);
      input.value = "";
    });
  }
}

/**
 * Offer what a model takes. What was chosen is kept for a model that takes it.
 * @param {ModelBody | undefined} model
 */
export function show(model) {
  can = model?.capabilities;
  for (const field of FIELDS) draw(field);
}

/** How many pictures of a kind the model takes. @param {Field} field */
function room(field) {
  if (!can) return 0;
  if (field === "references") return Math.min(can.references, most);
  if (field === "controls") return can.controls.length && most;
  return can.image_prompt ? most : 0;
}

/** Those that the model takes. @param {Field} field */
const taken = (field) =>
  chosen[field].filter((guide) => field !== "controls" || can?.controls.includes(guide.kind)).slice(0, room(field));

/** What POST /generate takes of them: those that are there already. */
export function read() {
  /** @type {Pick<Order, "references" | "controls" | "image_prompts">} */
  const part = {};
  const ready = (/** @type {Field} */ field) => taken(field).filter((guide) => guide.source.name);
  const [references, controls, prompts] = [ready("references"), ready("controls"), ready("image_prompts")];
  if (references.length) part.references = references.map((guide) => guide.source.name);
  if (controls.length) {
    part.controls = controls.map(({ source, ...how }) => ({ ...how, image: source.name }));
  }
  if (prompts.length) part.image_prompts = prompts.map(({ scale, source }) => ({ image: source.name, scale }));
  return part;
}

/** @param {DataTransfer | null} transfer what was dropped on a list; @param {Element} target @returns whether it took it */
export function takeFrom(transfer, target) {
  const own = FIELDS.find((field) => byId(field).contains(target)) ?? FIELDS.find((field) => room(field) > 0);
  const files = own ? filesOf(transfer) : [];
  for (const file of files) add(/** @type {Field} */ (own), file);
  return files.length > 0;
}

/** Whether a place is in one of the lists. @param {Element} target */
export const holds = (target) => FIELDS.some((field) => byId(field).contains(target));

/**
 * Put a picture that the studio has among those to edit.
 * @param {Source} source
 */
export function edit(source) {
  put("references", source);
  on.changed();
}

/**
 * Take over the pictures of a job that was ordered before, with what was said of each.
 * @param {JobBody} job
 * @param {(url: string) => string} relative
 */
export function fill(job, relative) {
  for (const field of FIELDS) {
    for (const guide of chosen[field]) forget(guide.source);
    chosen[field] = [];
    const inputs = job.inputs?.filter((input) => input.role === LISTS[field].role) ?? [];
    for (const { picture, url, kind, scale, start, end } of inputs) {
      const source = { name: picture, shown: relative(url), title: "A picture of that order" };
      put(field, source, { scale: scale ?? 1, start: start ?? 0, end: end ?? 1, ...(kind && { kind }) });
    }
    draw(field);
  }
}

/** @param {Field} field @param {File} file */
function add(field, file) {
  if (taken(field).length >= room(field)) return;
  const source = send(file, file.name || "The picture", on.changed, (error) => {
    remove(field, source);
    on.refuse(field, error);
  });
  put(field, source);
}

/**
 * @param {Field} field
 * @param {Source} source
 * @param {Partial<Guide>} [how] a kind that is not used yet, and as usual, unless said
 */
function put(field, source, how) {
  if (taken(field).length >= room(field)) chosen[field].pop();
  const used = chosen[field].map((guide) => guide.kind);
  const kind = can?.controls.find((one) => !used.includes(one)) ?? can?.controls[0] ?? "";
  chosen[field].push({ source, kind, scale: 1, start: 0, end: 1, ...how });
  draw(field);
}

/** @param {Field} field @param {Source} source */
function remove(field, source) {
  chosen[field] = chosen[field].filter((guide) => guide.source !== source);
  forget(source);
  draw(field);
}

/** @param {Field} field */
function draw(field) {
  const shown = taken(field);
  byId(field).hidden = room(field) === 0;
  byId(`${field}-list`).replaceChildren(...shown.map((guide, i) => row(field, guide, i + 1)));
  byId(`${field}-drop`).hidden = shown.length >= room(field);
}

/** @param {Field} field @param {Guide} guide @param {number} number */
function row(field, guide, number) {
  const { one, scaled } = LISTS[field];
  const name = `${one} ${number}`;
  return make(
    "li",
    { class: "guide" },
    make("img", { src: guide.source.shown, alt: guide.source.title }),
    make(
      "div",
      { class: "words" },
      field === "controls" ? kinds(guide, name) : make("b", {}, guide.source.title),
      scaled && slider(guide, name),
    ),
    make(
      "button",
      {
        type: "button",
        "aria-label": `Remove ${name}`,
        onclick: () => {
          remove(field, guide.source);
          announce(`${name} removed`);
          byId(`${field}-file`).focus();
          on.changed();
        },
      },
      "×",
    ),
  );
}

/** @param {Guide} guide @param {string} name */
function kinds(guide, name) {
  const options = (can?.controls ?? []).map((kind) =>
    make("option", { value: kind, selected: kind === guide.kind }, kind),
  );
  /** @type {HTMLSelectElement} */
  const select = make(
    "select",
    {
      "aria-label": `Kind of ${name}`,
      onchange: () => {
        guide.kind = select.value;
      },
    },
    options,
  );
  return select;
}

/** @param {Guide} guide @param {string} name */
function slider(guide, name) {
  const shown = make("output", {}, guide.scale.toFixed(2));
  /** @type {HTMLInputElement} */
  const input = make("input", {
    type: "range",
    min: 0,
    max: 2,
    step: 0.05,
    value: guide.scale,
    "aria-label": `How much ${name} counts`,
    oninput: () => {
      guide.scale = Number(input.value);
      shown.textContent = guide.scale.toFixed(2);
    },
  });
  return make("label", { class: "slider" }, input, shown);
}
