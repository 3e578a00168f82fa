import { Connection, type Options } from "./connection.js";
import { JobCanceled, JobFailed, NoStreams, UnexpectedAnswer } from "./errors.js";
import { type Following, followAll, followJob, isEnded, poll } from "./follow.js";
import type { Accepted, Event, Generate, Job, JobPicture, OwnEvent, Plan } from "./types.js";

export interface Submission {
  signal?: AbortSignal | undefined;
  /** The same key with the same request is the same job, however often it is sent. */
  idempotencyKey?: string;
}

interface Aborting {
  signal?: AbortSignal | undefined;
}

interface Waiting extends Following {
  /** Told of every event, in order. */
  onEvent?: (event: Event) => void;
  /** Cancel the job at the studio, too, when `signal` is aborted. */
  cancels?: boolean;
}

/** A job, what `submit` returned, or a job's id. */
type Named = Job | Accepted | string;

/**
 * A connection to a studio. Requests are repeated when the studio is away or busy, and none is done twice.
 * Every method throws the errors of this package; with a `signal` that is aborted, its reason.
 */
export class Atelier {
  private readonly connection: Connection;

  constructor(base: string | URL = "http://127.0.0.1:8000", options: Options = {}) {
    this.connection = new Connection(base, options);
  }

  /** Submit a job, and return as soon as it is accepted. */
  submit(request: Generate, { signal, idempotencyKey }: Submission = {}): Promise<Accepted> {
    const headers = { "Idempotency-Key": idempotencyKey ?? crypto.randomUUID() };
    return this.connection.json("generate", { method: "POST", body: request, headers, signal });
  }

  /** Submit a job, and return it as it stands; `wait` for its pictures. */
  async generate(request: Generate, submission: Submission = {}): Promise<Job> {
    return this.job(await this.submit(request, submission), submission);
  }

  /** What `generate` would do, and how long it would take; nothing is drawn. */
  plan(request: Generate, { signal }: Aborting = {}): Promise<Plan> {
    return this.connection.json("generate", { method: "POST", body: { ...request, dry_run: true }, signal });
  }

  /** A job as it stands. */
  job(job: Named, { signal }: Aborting = {}): Promise<Job> {
    return this.connection.json(`jobs/${segment(job)}`, { signal });
  }

  /** Your jobs, newest first; pages are fetched as they are needed. */
  async *jobs({ signal, pageSize = 50 }: Aborting & { pageSize?: number } = {}): AsyncGenerator<Job> {
    let before = "";
    for (;;) {
      const query = new URLSearchParams({ limit: `${pageSize}`, ...(before && { before }) });
      const page = await this.connection.json<{ jobs: Job[]; next?: string | null }>(`jobs?${query}`, { signal });
      yield* page.jobs;
      if (!page.next) return;
      before = page.next;
    }
  }

  /** Cancel what is left of a job; finished pictures are kept. */
  cancel(job: Named, { signal }: Aborting = {}): Promise<Job> {
    return this.connection.json(`jobs/${segment(job)}`, { method: "DELETE", signal });
  }

  /**
   * Every event of a job once and in order, through drops and restarts, from behind number `after` on; ends with the job.
   * Throws `NoStreams` where streams do not get through: `wait` does without.
   */
  events(job: Named, { after = 0, ...following }: Following & { after?: number } = {}): AsyncGenerator<Event> {
    return followJob(this.connection, nameOf(job), after, following);
  }

  /** All that your jobs do, without an end: `hello` first, or, from behind a `cursor` on, what was missed. */
  allEvents({ cursor = "", ...following }: Following & { cursor?: string } = {}): AsyncGenerator<OwnEvent> {
    return followAll(this.connection, cursor, following);
  }

  /**
   * Follow a job to its end, and return it. Where event streams are refused, it is asked for instead.
   * Throws `JobFailed` and `JobCanceled`, which have the pictures that were finished.
   */
  async wait(job: Named, { onEvent, cancels = false, ...following }: Waiting = {}): Promise<Job> {
    try {
      await this.follow(job, following, onEvent);
      return ended(await poll(() => this.job(job, following), following));
    } catch (error) {
      if (cancels && following.signal?.aborted) await this.cancel(job).catch(() => undefined);
      throw error;
    }
  }

  /** The bytes of a picture's file, in a format (`png`) or a rendition (`png@256x256`). */
  async content(picture: JobPicture, rendition = "png", { signal }: Aborting = {}): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.connection.send(urlOf(picture, rendition), { headers: { Accept: "*/*" }, signal });
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The same as a stream, for what is large. */
  async download(picture: JobPicture, rendition = "png", { signal }: Aborting = {}): Promise<ReadableStream> {
    const answer = await this.connection.send(urlOf(picture, rendition), { headers: { Accept: "*/*" }, signal });
    if (answer.body === null) throw new UnexpectedAnswer(`${answer.url} answered without a file`);
    return answer.body;
  }

  private async follow(job: Named, following: Following, onEvent?: (event: Event) => void): Promise<void> {
    try {
      for await (const event of this.events(job, following)) onEvent?.(event);
    } catch (error) {
      if (!(error instanceof NoStreams)) throw error;
    }
  }
}

function ended(job: Job): Job {
  if (job.status === "canceled") throw new JobCanceled(job);
  if (!isEnded(job) || job.status === "failed") throw new JobFailed(job);
  return job;
}

function urlOf(picture: JobPicture, rendition: string): string {
  const names = new Map(
    picture.files.map((file) => [file.size ? `${file.format}@${file.size}` : file.format, file.url]),
  );
  const url = names.get(rendition);
  if (url === undefined)
    throw new RangeError(`this picture has no ${rendition} file, only ${[...names.keys()].join(", ")}`);
  return url;
}

const nameOf = (job: Named): string => (typeof job === "string" ? job : job.job_id);

function segment(job: Named): string {
  const id = nameOf(job);
  if (!id.replaceAll(".", "").trim()) throw new TypeError("job: give a job, what `submit` returned, or a job's id");
  return encodeURIComponent(id);
}
