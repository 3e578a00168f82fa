import type { Preview, Progress } from "@openapi";
import { useSyncExternalStore } from "react";
import type { StreamState } from "./stream";

/** How far one picture of a job is, as this tab has heard it last. */
export interface PictureState {
  progress: Progress | null;
  preview: string | null;
}

const EMPTY: PictureState = { progress: null, preview: null };
const pictures = new Map<string, PictureState>();
const listeners = new Set<() => void>();
let stream: StreamState = "connecting";

const keyOf = (job: string, index: number) => `${job}/${index}`;

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function heardProgress(data: Progress): void {
  const key = keyOf(data.job_id, data.index);
  pictures.set(key, { ...(pictures.get(key) ?? EMPTY), progress: data });
  tell();
}

export function heardPreview(data: Preview): void {
  const key = keyOf(data.job_id, data.index);
  pictures.set(key, { ...(pictures.get(key) ?? EMPTY), preview: data.image });
  tell();
}

/** A job has ended: nothing of it is on its way any more. */
export function forgetPictures(job: string): void {
  for (const key of pictures.keys()) if (key.startsWith(`${job}/`)) pictures.delete(key);
  tell();
}

export function heardState(state: StreamState): void {
  stream = state;
  tell();
}

/** How far a picture that is being drawn is. */
export function usePicture(job: string, index: number): PictureState {
  return useSyncExternalStore(listen, () => pictures.get(keyOf(job, index)) ?? EMPTY);
}

/** Whether events come through. */
export function useStreamState(): StreamState {
  return useSyncExternalStore(listen, () => stream);
}

export const streamState = (): StreamState => stream;
