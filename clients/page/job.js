// One job on the easel: its state, its pictures as they come, and what can be done with them.

import { cancelJob, ended } from "./api.js";
import { ago, announce, byId, duration, make, signed } from "./elements.js";
import { follow } from "./follow.js";
import { finishedTile, pendingTile, relative } from "./tile.js";

/** @import { ImageBody, JobBody } from "../openapi.d.ts" */
/** @import { Happening } from "./follow.js" */
/** @import { Tile } from "./tile.js" */

/**
 * The names that people know things by, each from an id.
 * @typedef {Record<"assetType" | "quality" | "model" | "lora", (id: string) => string>} Names
 */

/** @type {Partial<Record<string, string>>} */
const ROLES = {
  image: "started from",
  mask: "redrawn where white",
  reference: "edited",
  control: "followed",
  image_prompt: "picture prompt",
};

/** The view of one job. `on.changed(job)` hears of every change, `on.reuse(job)` of the wish to order it again,
 * `on.more(job)` of the wish for more pictures of it, `on.like(image, job)` for more like one of them, and
 * `on.edit(image, job)` of the wish to begin with one, where a model of the studio can. */
export class JobView {
  /** @type {Tile[]} */
  tiles = [];
  deadline = 0;
  detail = "";
  holdup = "";
  canceling = false;
  bar = make("progress", { max: 1, value: 0, "aria-label": "Progress of the job" });
  line = make("p", { class: "line" });
  cancel = make("button", { type: "button", class: "plain", onclick: () => this.cancelNow() }, "Cancel");
  state = make("div", { class: "state" }, this.bar, make("div", { class: "row" }, this.line, this.cancel));
  failure = make("p", { class: "failure", role: "alert", hidden: true });
  grid = make("ul", { class: "tiles", "aria-label": "Pictures" });
  notes = make("ul", { class: "notes" });

  /**
   * @param {JobBody} job
   * @param {Names} names
   * @param {string | null | undefined} size of pictures that are still to come, where the job does not say
   * @param {{ changed(job: JobBody): void, reuse(job: JobBody): void,
   *   more(job: JobBody): void, like(image: ImageBody, job: JobBody): void,
   *   edit: ((image: ImageBody, job: JobBody) => void) | null }} on
   */
  constructor(job, names, size, on) {
    /** @type {JobBody} */
    this.job = job;
    this.names = names;
    this.size = job.size ?? size;
    this.on = on;
    this.build();
    this.show(job);
    if (!ended(job)) {
      this.stopFollowing = follow(job.job_id, {
        event: (what) => this.hear(what),
        job: (fresh) => this.show(fresh),
        lost: (error) => {
          this.line.textContent = `Waiting for the studio: ${error.message}`;
        },
      });
      this.ticking = setInterval(() => this.tick(), 500);
    }
  }

  close() {
    this.stopFollowing?.();
    clearInterval(this.ticking);
  }

  build() {
    const { job, names } = this;
    this.grid.dataset.count = String(job.images_total);
    const facts = [names.assetType(job.asset_type), names.quality(job.quality), names.model(job.model)];
    for (const { id, strength } of job.loras ?? []) facts.push(`${names.lora(id)} ×\u00a0${signed(strength)}`);
    byId("job").replaceChildren(
      make("h1", {}, job.prompt),
      make(
        "p",
        { class: "facts" },
        make("span", {}, facts.join(" · ")),
        make(
          "time",
          { dateTime: job.created_at, title: new Date(job.created_at).toLocaleString() },
          ago(job.created_at),
        ),
      ),
      this.inputs(),
      this.state,
      this.failure,
      this.grid,
      this.notes,
      make(
        "p",
        { class: "actions" },
        make("button", { type: "button", class: "plain", onclick: () => this.on.more(this.job) }, "Generate 4 more"),
        make(
          "button",
          { type: "button", class: "plain", onclick: () => this.on.reuse(this.job) },
          "Use these settings",
        ),
      ),
    );
    this.showNotes();
    for (let index = 0; index < job.images_total; index += 1) {
      this.tiles[index] = pendingTile(index, this.size);
      this.grid.append(this.tiles[index].element);
    }
  }

  /** The pictures that it began with. */
  inputs() {
    const given = (this.job.inputs ?? []).map(({ role, url }) =>
      make(
        "li",
        {},
        make(
          "a",
          { href: relative(url), target: "_blank", rel: "noopener" },
          make("img", { src: relative(url), alt: "", loading: "lazy" }),
          ROLES[role] ?? role,
        ),
      ),
    );
    return given.length ? make("ul", { class: "inputs", "aria-label": "Pictures that it began with" }, given) : "";
  }

  /**
   * Take in the whole job.
   * @param {JobBody} job
   */
  show(job) {
    const before = this.job.status;
    this.job = job;
    for (const image of job.images) this.place(image);
    this.holdup = job.state_detail ?? "";
    this.expect(job.progress, job.estimated_time_seconds);
    if (ended(job)) this.end(before);
    this.on.changed(job);
    this.tick();
  }

  /**
   * Take in one event.
   * @param {Happening} what
   */
  hear({ name, data }) {
    if (name === "progress") {
      this.job = { ...this.job, status: "processing" };
      this.expect(data.progress, data.estimated_time_seconds);
      this.holdup = data.detail ?? "";
      const step = data.step ? `step ${data.step} of ${data.steps}` : (data.label ?? data.stage);
      this.tiles[data.index]?.advance?.(step, data.step ? data.step / (data.steps ?? 1) : this.holdup ? 0 : 1);
      if (this.job.images_total === 1) this.detail = step;
    } else if (name === "preview") {
      this.tiles[data.index]?.preview?.(data.image);
    } else if (name === "job.image") {
      this.add(data.payload.image);
    } else if (name === "job.started") {
      this.job = { ...this.job, status: "processing" };
    } else if (name === "job.retried") {
      this.detail = "a worker was lost, drawing again";
    }
    this.tick();
  }

  /** @param {ImageBody} image */
  add(image) {
    if (this.job.images.some((one) => one.index === image.index)) return;
    const images = [...this.job.images, image];
    this.job = { ...this.job, images, images_completed: images.length };
    this.place(image);
    if (images.length < this.job.images_total) {
      announce(`Picture ${images.length} of ${this.job.images_total} is finished`);
    }
    this.on.changed(this.job);
  }

  /** @param {ImageBody} image */
  place(image) {
    if (this.tiles[image.index]?.finished) return;
    const { edit, like } = this.on;
    const tile = finishedTile(image, this.job, {
      edit: edit && ((chosen) => edit(chosen, this.job)),
      like: (chosen) => like(chosen, this.job),
    });
    this.tiles[image.index]?.element.replaceWith(tile.element);
    this.tiles[image.index] = tile;
  }

  /**
   * @param {number} progress from 0 to 1
   * @param {number} seconds that remain
   */
  expect(progress, seconds) {
    this.bar.value = progress;
    this.deadline = performance.now() + seconds * 1000;
  }

  /** The line under the bar: what is done, and what remains by the newest estimate. */
  tick() {
    const { status, images, images_total: total } = this.job;
    if (ended(this.job)) return;
    const left = (this.deadline - performance.now()) / 1000;
    const remaining = left <= -2 ? "taking longer than estimated" : `${duration(left)} left`;
    const parts = [
      status === "queued"
        ? "Waiting for a free worker"
        : total > 1
          ? `${images.length} of ${total} finished`
          : "Drawing",
    ];
    if (this.holdup) parts.splice(0, 1, this.holdup[0].toUpperCase() + this.holdup.slice(1));
    else if (this.detail && status !== "queued") parts.push(this.detail);
    this.line.textContent = [...parts, this.canceling ? "canceling" : remaining].join(" · ");
  }

  /** What the plan says, but for what is usual, and what became of the pictures. */
  showNotes() {
    const planned = (this.job.notes ?? []).filter((note) => note.code !== "enlarged").map((note) => note.message);
    const notes = new Set([...planned, ...this.job.images.flatMap((image) => image.notes)]);
    this.notes.replaceChildren(...[...notes].map((note) => make("li", {}, note)));
  }

  /** @param {JobBody["status"]} before */
  end(before) {
    const { job } = this;
    this.close();
    this.state.hidden = true;
    for (const tile of this.tiles) if (!tile.finished) tile.giveUp?.(job.status);
    this.grid.hidden = job.images.length === 0;
    this.showNotes();
    this.failure.hidden = job.status === "complete";
    this.failure.textContent =
      job.status === "failed" ? `This job failed: ${job.error?.message ?? "no reason given"}` : "Canceled";
    if (job.status === "canceled") this.failure.removeAttribute("role");
    if (before === job.status) return;
    const all = job.images_total === 1 ? "The picture is finished" : `All ${job.images_total} pictures are finished`;
    announce(job.status === "complete" ? all : this.failure.textContent);
  }

  /**
   * Say why what was to go on from it cannot.
   * @param {string} sentence
   */
  refuse(sentence) {
    this.failure.textContent = sentence;
    this.failure.setAttribute("role", "alert");
    this.failure.hidden = false;
  }

  async cancelNow() {
    this.cancel.disabled = true;
    this.canceling = true;
    this.tick();
    try {
      this.show(await cancelJob(this.job.job_id));
    } catch (error) {
      this.canceling = false;
      this.cancel.disabled = false;
      announce(/** @type {Error} */ (error).message);
    }
  }
}
