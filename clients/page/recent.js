// The list of recent jobs: what was ordered before, here or by any other client, with the newest first.

import { ended, listJobs, ROOT } from "./api.js";
import { ago, byId, make } from "./elements.js";
import { shownFile, toLookAt } from "./tile.js";

/** @import { JobBody } from "../openapi.d.ts" */

const PAGE = 18;
const WATCH_MS = 4000;
/** @type {Partial<Record<JobBody["status"], string>>} */
const STATES = { queued: "waiting", processing: "drawing", failed: "failed", canceled: "canceled" };

/** @type {Map<string, JobBody>} */
const jobs = new Map();
/** @type {string | null} */
let next = null;
/** @type {string | null} */
let current = null;
/** @type {(job: JobBody) => void} */
let choose = () => {};

/**
 * Load the first page and keep it true. `onChoose(job)` is called when a person picks one.
 * @param {(job: JobBody) => void} onChoose
 */
export async function setUp(onChoose) {
  choose = onChoose;
  byId("recent-more").addEventListener("click", () => load(next));
  setInterval(watch, WATCH_MS);
  await load();
}

/** Jobs that this page knows, newest first. */
export const known = () => [...jobs.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));

/** @param {string | null} [before] where the page starts; the newest without */
async function load(before) {
  const page = await listJobs(PAGE, before);
  for (const job of page.jobs) jobs.set(job.job_id, job);
  next = page.next ?? null;
  draw();
}

/** While a job runs, look at the newest page again; a hidden page does not ask. */
async function watch() {
  const running = known().some((job) => !ended(job) && job.job_id !== current);
  if (!running || document.hidden) return;
  try {
    for (const job of (await listJobs(PAGE)).jobs) if (job.job_id !== current) jobs.set(job.job_id, job);
    draw();
  } catch {
    // The easel says that the studio is away; the list just stays as it is.
  }
}

/**
 * Take in a job that changed.
 * @param {JobBody} job
 */
export function update(job) {
  jobs.set(job.job_id, job);
  draw();
}

/**
 * Mark the job that is on the easel.
 * @param {string | null} jobId
 */
export function select(jobId) {
  current = jobId;
  draw();
}

function draw() {
  /** @type {HTMLElement | null | undefined} */
  const link = document.activeElement?.closest("#recent-list a");
  const focused = link?.dataset.job;
  byId("recent").hidden = jobs.size === 0;
  byId("recent-more").hidden = next === null;
  byId("recent-list").replaceChildren(...known().map(entry));
  if (!focused) return;
  /** @type {HTMLElement | null} */
  const again = byId("recent-list").querySelector(`a[data-job="${CSS.escape(focused)}"]`);
  again?.focus();
}

/** @param {JobBody} job */
function entry(job) {
  const first = job.images[0];
  const file = first && shownFile(first);
  const thumb = file
    ? make("img", { src: toLookAt(file.url), alt: "", loading: "lazy", width: first.width, height: first.height })
    : make("span", { class: ended(job) ? "none" : "none running" });
  const state = STATES[job.status] ?? ago(job.created_at);
  const count = job.images_total > 1 ? `${job.images_completed}/${job.images_total} · ` : "";
  /** @param {MouseEvent} event */
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(job);
  };
  const link = make(
    "a",
    {
      href: `${ROOT}?job=${encodeURIComponent(job.job_id)}`,
      onclick: open,
      "data-job": job.job_id,
      "aria-current": job.job_id === current ? "true" : undefined,
    },
    make("span", { class: "thumb" }, thumb),
    make("span", { class: "words" }, make("b", {}, job.prompt), make("small", { class: job.status }, count + state)),
  );
  return make("li", {}, link);
}
