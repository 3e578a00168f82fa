import type { JobBody } from "@openapi";
import { useSyncExternalStore } from "react";
import { texts } from "@/texts";

/** What has happened, for people who do not see it: one sentence at a time, in the page's live region. */
let sentence = "";
const listeners = new Set<() => void>();

export function announce(text: string): void {
  sentence = text;
  for (const listener of listeners) listener();
}

export function announceJob(job: JobBody): void {
  announce(texts.jobs.ended(job.status, job.prompt, job.images_completed));
}

export function useAnnouncement(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sentence,
  );
}
