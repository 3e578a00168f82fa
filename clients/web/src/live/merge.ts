import type { ImageBody, JobBody, JobStatus, Progress } from "@openapi";
import type { JobEvent } from "./happening";
import { isEnded } from "./happening";

const STATUS: Record<string, JobStatus> = {
  "job.queued": "queued",
  "job.started": "processing",
  "job.retried": "queued",
  "job.complete": "complete",
  "job.failed": "failed",
  "job.canceled": "canceled",
};

/** A job as it stands after an event of its log. One that has ended stays as it is: no event comes after the end. */
export function mergeEvent(job: JobBody, event: JobEvent): JobBody {
  if (isEnded(job.status)) return job;
  const status = STATUS[event.type] ?? job.status;
  const image = event.type === "job.image" ? event.payload.image : undefined;
  const images = image ? withImage(job.images, image) : job.images;
  return {
    ...job,
    status,
    images,
    images_completed: Math.max(job.images_completed, images.length),
    started_at: event.type === "job.started" ? event.at : job.started_at,
    progress: status === "complete" ? 1 : job.progress,
  };
}

/** A job as it stands after it was told how far it is. It never goes back: progress may come later than what it tells. */
export function mergeProgress(job: JobBody, told: Progress): JobBody {
  if (isEnded(job.status)) return job;
  return {
    ...job,
    progress: Math.max(job.progress, told.progress),
    estimated_time_seconds: told.estimated_time_seconds,
    state_detail: told.detail ?? null,
  };
}

/** Two readings of a job: the one in which more has happened. Answers overtake each other. */
export function later(known: JobBody | undefined, read: JobBody): JobBody {
  if (!known || isEnded(read.status)) return read;
  if (isEnded(known.status)) return known;
  if (known.images.length > read.images.length) return { ...read, images: known.images };
  return { ...read, progress: Math.max(known.progress, read.progress) };
}

function withImage(images: readonly ImageBody[], image: ImageBody): ImageBody[] {
  const others = images.filter((one) => one.index !== image.index);
  return [...others, image].sort((a, b) => a.index - b.index);
}
