// The list of recent jobs: what was ordered before, here or by any other client, with the newest first.

import { ended, listJobs } from "./api.js";
import { ago, byId, make } from "./elements.js";
import { relative } from "./tile.js";

const PAGE = 18;
const WATCH_MS = 4000;
const STATES = { queued: "waiting", processing: "drawing", failed: "failed", canceled: "canceled" };

const jobs = new Map();
let next = null;
let current = null;
let choose = () => {};

/** Load the first page and keep it true. `onChoose(job)` is called when a person picks one. */
export async function setUp(onChoose) {
  choose = onChoose;
  byId("recent-more").addEventListener("click", () => load(next));
  setInterval(watch, WATCH_MS);
  await load();
}

/** Jobs that this page knows, newest first. */
export const known = () => [...jobs.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));

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

/** Take in a job that changed. */
export function update(job) {
  jobs.set(job.job_id, job);
  draw();
}

/** Mark the job that is on the easel. */
export function select(jobId) {
  current = jobId;
  draw();
}

function draw() {
  const focused = document.activeElement?.closest?.("#recent-list a")?.dataset.job;
  byId("recent").hidden = jobs.size === 0;
  byId("recent-more").hidden = next === null;
  byId("recent-list").replaceChildren(...known().map(entry));
  if (focused) byId("recent-list").querySelector(`a[data-job="${CSS.escape(focused)}"]`)?.focus();
}

function entry(job) {
  const first = job.images[0];
  const file = first && (first.files.find((one) => one.format === "webp") ?? first.files[0]);
  const thumb = file
    ? make("img", { src: relative(file.url), alt: "", loading: "lazy", width: first.width, height: first.height })
    : make("span", { class: ended(job) ? "none" : "none running" });
  const state = STATES[job.status] ?? ago(job.created_at);
  const count = job.images_total > 1 ? `${job.images_completed}/${job.images_total} · ` : "";
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(job);
  };
  const link = make("a", {
    href: `/?job=${encodeURIComponent(job.job_id)}`, onclick: open, "data-job": job.job_id,
    "aria-current": job.job_id === current ? "true" : undefined,
  }, make("span", { class: "thumb" }, thumb),
  make("span", { class: "words" }, make("b", {}, job.prompt), make("small", { class: job.status }, count + state)));
  return make("li", {}, link);
}
