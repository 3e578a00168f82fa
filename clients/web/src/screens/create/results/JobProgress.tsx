import type { JobBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { cancelJob } from "@/api/jobs";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { duration } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

/** How far a running job is, what is left, and the button that ends it. */
export function JobProgress({ job, readAt }: { job: JobBody; readAt: number }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.job_id),
    onSuccess: (canceled) => client.setQueryData(["job", job.job_id], canceled),
    onError: (error) => toast(asProblem(error).message, { tone: "bad" }),
  });
  const left = useLeft(job.estimated_time_seconds, readAt);
  return (
    <div className="grid gap-2">
      <Progress value={job.progress} label={texts.jobs.progress(job.prompt)} />
      <div className="flex min-h-8 items-center justify-between gap-3">
        <p className="text-[13px] text-soft tabular-nums">
          {[stateOf(job), cancel.isPending ? texts.jobs.canceling : leftOf(left)].join(" · ")}
        </p>
        <Button size="small" look="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
          {texts.jobs.cancel}
        </Button>
      </div>
    </div>
  );
}

/** What a job is at: what it waits for comes first, such as a model that is starting. */
export function stateOf(job: JobBody): string {
  const detail = job.state_detail;
  if (detail?.startsWith("loading model")) return `${texts.jobs.starting}: ${detail.replace("loading model ", "")}`;
  if (detail) return detail.charAt(0).toUpperCase() + detail.slice(1);
  if (job.status === "queued") return texts.jobs.waiting;
  return job.images_total > 1 ? texts.jobs.finished(job.images.length, job.images_total) : texts.jobs.drawing;
}

const leftOf = (seconds: number) =>
  seconds <= -2 ? texts.jobs.longer : texts.jobs.left(duration(Math.max(1, seconds)));

/** Seconds that are left now, of those that were when it was read. */
function useLeft(seconds: number, readAt: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds - Math.max(0, now - readAt) / 1000;
}
