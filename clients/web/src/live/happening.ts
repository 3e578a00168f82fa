import type { JobStatus, JobStreamEvent, Preview, Progress } from "@openapi";

/** An event of a job's log: durable, told once, replayed after a break. */
export type JobEvent = Extract<JobStreamEvent, { seq: number }>;

/** What the stream of a tab tells. */
export type Happening =
  | { name: "log"; event: JobEvent }
  | { name: "progress"; data: Progress }
  | { name: "preview"; data: Preview }
  | { name: "reset" };

const ENDS: ReadonlySet<string> = new Set<JobStatus>(["complete", "failed", "canceled"]);

/** Whether nothing happens to a job any more. */
export const isEnded = (status: JobStatus): boolean => ENDS.has(status);

/** Reads one server-sent event; null for one that this release does not know. */
export function readHappening(name: string | undefined, data: string): Happening | null {
  let told: unknown;
  try {
    told = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof told !== "object" || told === null) return null;
  if (name === "reset") return { name };
  if (name === "progress") return { name, data: told as Progress };
  if (name === "preview") return { name, data: told as Preview };
  if (name?.startsWith("job.")) return { name: "log", event: told as JobEvent };
  return null;
}
