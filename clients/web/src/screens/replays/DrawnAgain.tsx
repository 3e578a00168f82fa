import type { FoundImage, JobBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { cancelJob, jobQuery } from "@/api/jobs";
import { isEnded } from "@/live/happening";
import { usePicture } from "@/live/store";
import { Button, buttonLook } from "@/parts/Button";
import { Picture } from "@/parts/Picture";
import { Progress } from "@/parts/Progress";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { viewable } from "@/pictures/files";
import { texts } from "@/texts";
import { ReceiptView } from "./ReceiptView";

const said = texts.replays;

/** One job that draws a picture again: both pictures beside each other, how far it is, and how it came out. */
export function DrawnAgain({ image, jobId }: { image: FoundImage; jobId: string }) {
  const client = useQueryClient();
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  const status = job?.status;
  useEffect(() => {
    if (status && isEnded(status)) client.invalidateQueries({ queryKey: ["replays", image.asset_id] });
  }, [client, image.asset_id, status]);
  if (error && !job) return <Failed error={error} onRetry={() => refetch()} />;
  if (!job)
    return (
      <Loading>
        <Skeleton className="h-80" />
      </Loading>
    );
  const again = job.images[0];
  return (
    <section aria-label={said.pair} className="grid gap-6">
      <div className="grid gap-4 sm:grid-cols-2">
        <Plate title={said.before}>
          <Picture
            url={viewable(image.files)?.url ?? image.url}
            alt={said.before}
            width={image.width}
            height={image.height}
            eager
          />
        </Plate>
        <Plate title={said.now}>
          {again ? (
            <Picture url={again.url} alt={said.now} width={again.width} height={again.height} eager />
          ) : (
            <OnItsWay job={job} image={image} />
          )}
        </Plate>
      </div>
      {job.status === "failed" && (
        <p role="alert" className="rounded-lg bg-bad-wash px-3 py-2 text-bad">
          {said.failed} {job.error?.message}
        </p>
      )}
      {job.status === "canceled" && <p className="text-soft">{said.canceled}</p>}
      <div role="status">{job.replay && <ReceiptView of={job.replay} />}</div>
      {again?.asset_id && job.replay && !job.replay.identical && (
        <Link
          to="/app/compare"
          search={{ ids: [image.asset_id, again.asset_id], view: "difference" }}
          className={buttonLook({ className: "justify-self-start" })}
        >
          <GitCompareArrows className="size-4" aria-hidden />
          {said.closely}
        </Link>
      )}
    </section>
  );
}

function Plate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <figure className="grid min-w-0 content-start gap-2">
      {children}
      <figcaption className="text-[13px] text-soft">{title}</figcaption>
    </figure>
  );
}

function OnItsWay({ job, image }: { job: JobBody; image: FoundImage }) {
  const { preview } = usePicture(job.job_id, 0);
  const canceling = useMutation({ mutationFn: () => cancelJob(job.job_id) });
  return (
    <div className="grid gap-2">
      <Picture url={preview} alt="" width={image.width} height={image.height} eager />
      {!isEnded(job.status) && (
        <div className="flex items-center gap-3">
          <Progress value={job.progress} label={said.drawing} className="flex-1" />
          <span className="text-xs text-soft">{texts.jobs.status[job.status]}</span>
          <Button size="small" disabled={canceling.isPending} onClick={() => canceling.mutate()}>
            {texts.jobs.cancel}
          </Button>
        </div>
      )}
      <Refusal error={canceling.error} />
    </div>
  );
}
