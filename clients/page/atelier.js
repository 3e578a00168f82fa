// The page: an order form, the job on the easel, and the list of recent jobs. `?job=ID` names the job on the easel.

import {
  ApiError,
  drawLike,
  generate,
  ROOT,
  readAssetTypes,
  readJob,
  readLoras,
  readModels,
  regenerate,
} from "./api.js";
import { announce, byId, duration, make } from "./elements.js";
import * as form from "./form.js";
import { JobView } from "./job.js";
import * as recent from "./recent.js";

/** @import { AssetTypesBody, JobAccepted, LorasBody, ModelsBody } from "../openapi.d.ts" */
/** @import { Order } from "./api.js" */
/** @import { Names } from "./job.js" */

const EXAMPLES = ["a red bicycle", "a yellow umbrella on a blue background", "a woman in a green coat"];
const AGAIN_MS = 1500;

/** @type {JobView | null} */
let view = null;
/** @type {Names | null} null until the studio answered */
let names = null;
const last = { body: "", key: "", at: 0, answered: true };

/**
 * One key per order: a double click, or a retry after a lost answer, is the same order and makes one job.
 * @param {object} body
 */
function keyFor(body) {
  const text = JSON.stringify(body);
  const again = text === last.body && (!last.answered || performance.now() - last.at < AGAIN_MS);
  if (!again)
    last.key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16).padStart(8, "0")).join("");
  Object.assign(last, { body: text, at: performance.now(), answered: false });
  return last.key;
}

/** @param {Order} body */
async function order(body) {
  if (!body.prompt) return form.refuse({ field: "prompt", message: "Say what the picture should show." });
  const button = byId("generate");
  button.disabled = true;
  try {
    const accepted = await generate(body, keyFor(body));
    last.answered = true;
    announce(`Ordered, ${duration(accepted.estimated_time_seconds)}`);
    await open(accepted.job_id, { push: true, size: body.size });
    if (matchMedia("(max-width: 860px)").matches) byId("job").scrollIntoView({ block: "start" });
  } catch (error) {
    if (error instanceof ApiError && error.status) last.answered = true;
    form.refuse(/** @type {Error} */ (error));
  } finally {
    button.disabled = false;
  }
  return undefined;
}

/**
 * Order what goes on from the job on the easel, and put that there.
 * @template {object} B
 * @param {(body: B, key: string) => Promise<JobAccepted>} send
 * @param {B} body
 */
async function goOn(send, body) {
  try {
    const accepted = await send(body, keyFor(body));
    last.answered = true;
    announce(`Ordered, ${duration(accepted.estimated_time_seconds)}`);
    await open(accepted.job_id, { push: true });
  } catch (error) {
    if (error instanceof ApiError && error.status) last.answered = true;
    view?.refuse(error instanceof ApiError ? error.sentence : /** @type {Error} */ (error).message);
  }
}

/**
 * Put a job on the easel. `push` adds it to the history; `size` is what was ordered, while the job does not say.
 * @param {string} jobId
 * @param {{ push?: boolean, size?: string | null }} [options]
 */
async function open(jobId, { push = false, size } = {}) {
  if (view?.job.job_id === jobId) return;
  const job = await readJob(jobId);
  if (push) history.pushState(null, "", `${ROOT}?job=${encodeURIComponent(jobId)}`);
  view?.close();
  recent.select(jobId);
  view = new JobView(job, /** @type {Names} */ (names), size, {
    changed: recent.update,
    reuse: form.fill,
    edit: form.takesPictures() ? form.edit : null,
    more: (done) => goOn(regenerate, { job_id: done.job_id }),
    like: (image, done) => goOn(drawLike, { asset_id: `${done.job_id}/${image.index}` }),
  });
  document.title = `${job.prompt} · Atelier`;
}

/** @param {string} [message] */
function clearEasel(message) {
  view?.close();
  view = null;
  recent.select(null);
  document.title = "Atelier";
  const tries = EXAMPLES.map((prompt) =>
    make("li", {}, make("button", { type: "button", class: "plain", onclick: () => form.suggest(prompt) }, prompt)),
  );
  byId("job").replaceChildren(
    make(
      "div",
      { class: "welcome" },
      make("h1", {}, message ?? "The easel is empty"),
      make(
        "p",
        {},
        message
          ? "It may have been made by somebody else, or in another studio."
          : "Say what you want to see, or start from one of these:",
      ),
      make("ul", {}, tries),
    ),
  );
}

/** Show what the address says: a job, or the newest one that is still being drawn, or the empty easel. */
async function showAddress() {
  const wanted = new URLSearchParams(location.search).get("job");
  const running = recent.known().find((job) => !["complete", "failed", "canceled"].includes(job.status));
  try {
    if (wanted) await open(wanted);
    else if (running) await open(running.job_id);
    else clearEasel();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    clearEasel("There is no such job");
  }
}

/**
 * @param {AssetTypesBody} assetTypes
 * @param {ModelsBody} models
 * @param {LorasBody} loras
 * @returns {Names}
 */
function nameTable(assetTypes, models, loras) {
  /** @type {(list: { id: string, name: string }[]) => (id: string) => string} */
  const find = (list) => (id) => list.find((one) => one.id === id)?.name ?? id;
  return {
    assetType: find(assetTypes.asset_types),
    quality: find(assetTypes.qualities),
    model: find(models.models),
    lora: find(loras.loras),
  };
}

async function start() {
  try {
    const [assetTypes, models, loras] = await Promise.all([readAssetTypes(), readModels(), readLoras()]);
    byId("banner").hidden = true;
    names = nameTable(assetTypes, models, loras);
    form.setUp(assetTypes, models, loras, order);
    clearEasel();
    await recent.setUp((job) =>
      open(job.job_id, { push: true }).then(() => byId("work").focus({ preventScroll: false })),
    );
    await showAddress();
    addEventListener("popstate", showAddress);
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    byId("banner").textContent =
      error instanceof ApiError ? error.sentence : `This page could not start: ${/** @type {Error} */ (error).message}`;
    byId("banner").hidden = false;
    // A studio that is starting, or away, is asked again; anything else is for a person to see.
    if (error instanceof ApiError && names === null) setTimeout(start, 3000);
  }
}

start();
