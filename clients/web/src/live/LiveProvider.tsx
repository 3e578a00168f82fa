import type { JobBody } from "@openapi";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { announceJob } from "./announcements";
import type { Happening } from "./happening";
import { tellHearers } from "./hearing";
import { mergeEvent, mergeProgress } from "./merge";
import { forgetPictures, heardPreview, heardProgress, heardState } from "./store";
import { openStream } from "./stream";

/** Keeps what this tab has read up to date with what the studio tells, for as long as it is mounted. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  useEffect(
    () =>
      openStream({
        happened: (what) => happened(client, what),
        opened: (replayed) => {
          // What is replayed was told event by event; otherwise whatever may have changed is read again.
          if (!replayed) readAgain(client);
        },
        state: heardState,
      }),
    [client],
  );
  return children;
}

function readAgain(client: QueryClient): void {
  client.invalidateQueries({ queryKey: ["job"] });
  client.invalidateQueries({ queryKey: ["jobs"] });
  client.invalidateQueries({ queryKey: ["batches"] });
  client.invalidateQueries({ queryKey: ["images"] });
  client.invalidateQueries({ queryKey: ["training"] });
  client.invalidateQueries({ queryKey: ["trainings"] });
}

function happened(client: QueryClient, what: Happening): void {
  tellHearers(what);
  if (what.name === "preview") heardPreview(what.data);
  if (what.name === "progress") {
    heardProgress(what.data);
    update(client, what.data.job_id, (job) => mergeProgress(job, what.data));
  }
  if (what.name === "log") {
    const { event } = what;
    update(client, event.job_id, (job) => mergeEvent(job, event));
    if (event.type === "job.queued") client.invalidateQueries({ queryKey: ["jobs"] });
    if (event.type === "job.image") client.invalidateQueries({ queryKey: ["images"] });
    if (["job.complete", "job.failed", "job.canceled"].includes(event.type)) ended(client, event.job_id);
  }
}

function update(client: QueryClient, id: string, change: (job: JobBody) => JobBody): void {
  client.setQueryData<JobBody>(["job", id], (job) => job && change(job));
}

/** An ended job has things that no event tells, such as what its licences come to: it is read once more. */
function ended(client: QueryClient, id: string): void {
  forgetPictures(id);
  client.invalidateQueries({ queryKey: ["job", id] });
  client.invalidateQueries({ queryKey: ["jobs"] });
  client.invalidateQueries({ queryKey: ["batches"] });
  client.invalidateQueries({ queryKey: ["quota"] });
  const job = client.getQueryData<JobBody>(["job", id]);
  if (job) announceJob(job);
}
