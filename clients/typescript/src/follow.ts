/** Following through dropped connections and restarts: every line of a log once and in order, whatever happens. */
import { type Connection, isPassing } from "./connection.js";
import { NoStreams, Unreachable } from "./errors.js";
import { pause } from "./pause.js";
import type { Message } from "./sse.js";
import { listen } from "./stream.js";
import type { Event, Job, OwnEvent } from "./types.js";

const LONGEST_PAUSE = 15;
const ENDS: ReadonlySet<string> = new Set(["job.complete", "job.failed", "job.canceled"]);
const ENDED: ReadonlySet<string> = new Set(["complete", "failed", "canceled"]);

export interface Following {
  signal?: AbortSignal | undefined;
  /** Seconds without a sign of the studio after which it counts as lost (90). */
  patience?: number;
}

/** Whether nothing happens to a job any more. */
export const isEnded = (job: Job): boolean => ENDED.has(job.status);

/** How long the studio has been silent, and how often in a row a connection was lost. */
class Silence {
  private drops = 0;
  private since = Date.now();

  constructor(private readonly following: Following) {}

  heard = (): void => {
    this.since = Date.now();
  };

  told(): void {
    this.heard();
    this.drops = 0;
  }

  /** Waits before the next connection. Throws `error` once patience is over, or where waiting does not mend it. */
  async outlast(error: unknown): Promise<void> {
    const { signal, patience = 90 } = this.following;
    signal?.throwIfAborted();
    if (error !== null && !isPassing(error)) throw error;
    if (Date.now() - this.since > patience * 1000) {
      throw error ?? new Unreachable(`the studio has said nothing for ${patience} s`);
    }
    const longest = Math.min(LONGEST_PAUSE, 0.25 * 2 ** Math.min(this.drops++, 10));
    await pause(Math.max(0.1, longest * Math.random()), signal);
  }
}

/** The events of a job, from behind number `after` on, to the one that ends it. Throws `NoStreams`: then poll. */
export async function* followJob(
  connection: Connection,
  id: string,
  after: number,
  following: Following,
): AsyncGenerator<Event> {
  // One before the caller's last event: if that one ended the job, its coming again says so.
  let reached = Math.max(0, after - 1);
  const silence = new Silence(following);
  for (;;) {
    let error: unknown = null;
    try {
      const path = `jobs/${encodeURIComponent(id)}/events`;
      for await (const message of listen(
        connection,
        path,
        reached ? `${reached}` : "",
        following.signal,
        silence.heard,
      )) {
        const event = read<Event>(message);
        if (event === null) continue;
        silence.told();
        if ("seq" in event) {
          if (event.seq <= reached) continue;
          reached = event.seq;
        }
        if (!("seq" in event) || event.seq > after) yield event;
        silence.heard();
        if (ENDS.has(event.type)) return;
      }
    } catch (thrown) {
      error = thrown;
    }
    await silence.outlast(error);
  }
}

/** All that somebody's jobs do, without an end; from behind the event `cursor` on, or from now. */
export async function* followAll(
  connection: Connection,
  cursor: string,
  following: Following,
): AsyncGenerator<OwnEvent> {
  let last = cursor;
  const silence = new Silence(following);
  for (;;) {
    let error: unknown = null;
    try {
      for await (const message of listen(connection, "events", last, following.signal, silence.heard)) {
        const event = read<OwnEvent>(message);
        if (event === null) continue;
        silence.told();
        if (event.type === "replaced") throw new NoStreams(event.detail);
        if (message.id === undefined) yield event;
        else {
          last = message.id;
          yield { ...event, cursor: last };
        }
        silence.heard();
      }
    } catch (thrown) {
      error = thrown;
    }
    await silence.outlast(error);
  }
}

/** A job at its end, asked for again and again: where streams do not get through. */
export async function poll(ask: () => Promise<Job>, following: Following): Promise<Job> {
  const silence = new Silence(following);
  for (;;) {
    let error: unknown = null;
    try {
      const job = await ask();
      if (isEnded(job)) return job;
      silence.heard();
    } catch (thrown) {
      error = thrown;
    }
    await silence.outlast(error);
  }
}

/** The event, or null for a message that is none. */
function read<T extends { type: string }>(message: Message): T | null {
  try {
    const told: unknown = JSON.parse(message.data);
    return typeof told === "object" && told !== null ? ({ ...told, type: message.event } as T) : null;
  } catch {
    return null;
  }
}
