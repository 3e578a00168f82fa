import type { ErrorDetail } from "../../openapi.js";
import type { Job } from "./types.js";

/** All that can go wrong: `instanceof` tells what. An aborted call throws the signal's own reason instead. */
export class AtelierError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The studio cannot be reached, or has said nothing for too long. */
export class Unreachable extends AtelierError {}

/** Something answered that is no studio: is this its address? */
export class UnexpectedAnswer extends AtelierError {}

/** Event streams do not get through, or newer ones have taken this one's place. */
export class NoStreams extends AtelierError {}

/** The studio refuses, and says why: `code` is for programs, `message` for people, `field` what is at fault. */
export class Refused extends AtelierError {
  readonly code: string;
  readonly field: string | undefined;
  readonly allowed: readonly string[];

  constructor(
    readonly status: number,
    detail: ErrorDetail,
    /** Seconds after which it makes sense to try again, where the studio says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(detail.message);
    this.code = detail.code;
    this.field = detail.field ?? undefined;
    this.allowed = detail.allowed ?? [];
  }
}

/** A job ended without all its pictures; those that were finished are in `job`. */
export class JobFailed extends AtelierError {
  constructor(readonly job: Job) {
    super(job.error?.message ?? `job ${job.job_id} failed`);
  }
}

/** A job was canceled; what was finished is in `job`. */
export class JobCanceled extends AtelierError {
  constructor(readonly job: Job) {
    super(`job ${job.job_id} was canceled`);
  }
}
