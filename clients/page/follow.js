// Following one job to its end: server-sent events, and polling wherever they do not get through.

import { ApiError, ended, eventsPath, readJob } from "./api.js";

/** @import { ImageBody, JobBody } from "../openapi.d.ts" */

/**
 * A picture's progress; `label` says what happens in its stage. `step` and `steps` only while it is drawn, `detail` while it waits for its model; the job's own
 * share and seconds besides.
 * @typedef {{ index: number, stage: string, label?: string, step?: number | null, steps?: number | null, progress: number,
 *   detail?: string, estimated_time_seconds: number }} Progress
 */
/**
 * What the stream tells, by event name; the ends of a job are read again instead.
 * @typedef {{ name: "progress", data: Progress }
 *   | { name: "preview", data: { index: number, image: string } }
 *   | { name: "job.image", data: { payload: { image: ImageBody } } }
 *   | { name: "job.started" | "job.stage" | "job.retried", data: object }} Happening
 */

const LOGGED = ["job.started", "job.stage", "job.image", "job.retried"];
const LAST = ["job.complete", "job.failed", "job.canceled"];
const POLL_MS = 1500;

/**
 * Call `on.event({ name, data })` for what happens, `on.job(job)` for the whole job whenever it was read again, and
 * `on.lost(error)` while the studio is away. Returns a function that stops following.
 * @param {string} id
 * @param {{ event(what: Happening): void, job(job: JobBody): void, lost(error: Error): void }} on
 */
export function follow(id, on) {
  let stopped = false;
  let over = false;
  let seen = 0;
  /** @type {number | undefined} */
  let timer;
  /** @type {EventSource} */
  let stream;

  const stop = () => {
    stopped = true;
    stream.close();
    clearTimeout(timer);
  };

  const read = async () => {
    clearTimeout(timer);
    try {
      const job = await readJob(id);
      if (stopped) return;
      on.job(job);
      if (ended(job)) return stop(); // nothing is missed: an ended job has all that its last events told
    } catch (error) {
      if (stopped) return;
      on.lost(/** @type {Error} */ (error));
      if (error instanceof ApiError && error.status === 404) return stop();
    }
    clearTimeout(timer);
    if (stream.readyState !== EventSource.OPEN) timer = setTimeout(again, POLL_MS);
  };

  // The browser reconnects a stream by itself, except after an answer that is none, such as a proxy's 502.
  const again = () => {
    if (stream.readyState === EventSource.CLOSED && !over) listen();
    read();
  };

  /** @type {(name: string) => (message: MessageEvent<string>) => void} */
  const hear = (name) => (message) => on.event(/** @type {Happening} */ ({ name, data: JSON.parse(message.data) }));

  /** A stream that was opened anew tells the whole log again. @type {(name: string) => (message: MessageEvent<string>) => void} */
  const hearOnce = (name) => (message) => {
    const number = Number(message.lastEventId);
    if (number <= seen) return;
    seen = number;
    hear(name)(message);
  };

  const listen = () => {
    stream = new EventSource(eventsPath(id));
    for (const name of LOGGED) stream.addEventListener(name, hearOnce(name));
    for (const name of ["progress", "preview"]) stream.addEventListener(name, hear(name));
    for (const name of LAST) {
      stream.addEventListener(name, () => {
        over = true;
        stream.close();
        read();
      });
    }
    stream.addEventListener("error", read);
  };

  listen();
  return stop;
}
