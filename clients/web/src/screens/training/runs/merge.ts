import type { LossNoted, Progress } from "@openapi";
import type { Training } from "@/api/trainings";
import { type Happening, isEnded } from "@/live/happening";

/** What a happening makes of a training that was read: another one, or `null` where it has to be read again. */
export function heard(training: Training, what: Happening): Training | null {
  if (what.name === "progress" && what.data.job_id === training.job_id) return progressed(training, what.data);
  if (what.name !== "log" || what.event.job_id !== training.job_id) return training;
  if (what.event.type === "job.loss") return lost(training, what.event.payload);
  return null;
}

/** It never goes back but where a crash has taken steps: that is told by the log, and read again. */
function progressed(training: Training, told: Progress): Training {
  if (isEnded(training.status)) return training;
  const { step } = told;
  const isNewer = typeof told.loss === "number" && step >= training.step;
  return {
    ...training,
    ...(isNewer && { step, loss: told.loss }),
    progress: Math.max(training.progress, told.progress),
    estimated_time_seconds: told.estimated_time_seconds,
  };
}

function lost(training: Training, { step, loss }: LossNoted): Training {
  return { ...training, losses: { ...training.losses, [step]: loss }, ...(step >= training.step && { step, loss }) };
}
