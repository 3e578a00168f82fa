import type {
  FileLink,
  GenerateBody,
  ImageBody,
  JobAccepted,
  JobBody,
  JobStreamEvent,
  OwnStreamEvent,
  PlanAnswer,
  WebhookMessage,
} from "../../openapi.js";

export type { FileLink, WebhookMessage };

/** What to draw: everything but `prompt` has a default. */
export type Generate = Partial<Omit<GenerateBody, "prompt" | "dry_run">> & Pick<GenerateBody, "prompt">;
export type Accepted = JobAccepted;
export type Plan = PlanAnswer;
export type Job = JobBody;
/** A finished picture of a job. */
export type JobPicture = ImageBody;
/** An event of one job. Compare `type` before you read more: a newer studio may tell of types that are not listed. */
export type Event = JobStreamEvent;
/** A line of a job's log: numbered, never lost. */
export type JobEvent = Extract<JobStreamEvent, { seq: number }>;
/** An event of all that your jobs do. What is never lost has a `cursor`: where to go on behind it. */
export type OwnEvent = OwnStreamEvent & { cursor?: string };
