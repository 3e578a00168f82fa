import type { Training } from "@/api/trainings";
import { type Happening, isEnded } from "@/live/happening";

/** What a happening makes of a training that was read: another one, or `null` where it has to be read again. */
export function heard(training: Training, what: Happening): Training | null {
  if (what.name === "progress" && what.data.job_id === training.job_id) return progressed(training, what.data);
  if (what.name !== "log" || what.event.job_id !== training.job_id) return training;
  const { type, payload } = what.event;
  if (type === "job.loss") return lost(training, payload);
  return null;
}

interface Told {
  step?: number | null;
  loss?: number;
  progress: number;
  estimated_time_seconds: number;
}

/** It never goes back but where a crash has taken steps: that is told by the log, and read again. */
function progressed(training: Training, told: Told): Training {
  if (isEnded(training.status)) return training;
  const step = told.step ?? 0;
  const isNewer = typeof told.loss === "number" && step >= training.step;
  return {
    ...training,
    ...(isNewer && { step, loss: told.loss }),
    progress: Math.max(training.progress, told.progress),
    estimated_time_seconds: told.estimated_time_seconds,
  };
}

function lost(training: Training, payload: Readonly<Record<string, unknown>>): Training {
  const { step, loss } = payload;
  if (typeof step !== "number" || typeof loss !== "number") return training;
  return { ...training, losses: { ...training.losses, [step]: loss }, ...(step >= training.step && { step, loss }) };
}
