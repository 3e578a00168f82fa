import type { JobStatus } from "@openapi";

export const jobs = {
  status: {
    queued: "Waiting",
    processing: "Drawing",
    complete: "Complete",
    failed: "Failed",
    canceled: "Canceled",
  } satisfies Record<JobStatus, string>,
  ended: (status: JobStatus, prompt: string, pictures: number) => {
    if (status === "complete") return `Complete: ${pictures === 1 ? "1 picture" : `${pictures} pictures`} of ${prompt}`;
    if (status === "failed") return `Failed: ${prompt}`;
    return `Canceled: ${prompt}`;
  },
  left: (time: string) => `about ${time} left`,
};
