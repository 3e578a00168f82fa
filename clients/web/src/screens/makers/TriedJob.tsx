import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { jobQuery } from "@/api/jobs";
import { usePicture } from "@/live/store";
import { Picture } from "@/parts/Picture";
import { Progress } from "@/parts/Progress";
import { Failed, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

interface TriedJobProps {
  jobId: string;
  version: string;
  name: string;
  children: ReactNode;
}

/** What one version has drawn, or how far it is. */
export function TriedJob({ jobId, version, name, children }: TriedJobProps) {
  const job = useQuery(jobQuery(jobId));
  const { preview } = usePicture(jobId, 0);
  const image = job.data?.images[0];
  const [width, height] = (job.data?.size ?? "1x1").split("x").map(Number);
  const failed = job.data?.status === "failed" || job.data?.status === "canceled";
  return (
    <section aria-label={`${name} ${version}`} className="grid content-start gap-3">
      <div className="flex min-h-8 items-center justify-between gap-3">
        <h3 className="font-semibold tabular-nums">{version}</h3>
        {children}
      </div>
      {job.error && <Failed error={job.error} onRetry={() => job.refetch()} />}
      {failed && (
        <p className="rounded-lg bg-bad-wash px-3 py-2 text-bad">
          {job.data?.error?.message ?? texts.makers.trying.failed}
        </p>
      )}
      {image && (
        <Link to="/app/jobs/$jobId" params={{ jobId }} className="block rounded-lg">
          <Picture url={image.url} alt={`${name} ${version}`} width={image.width} height={image.height} eager />
        </Link>
      )}
      {!image && !failed && !job.error && (
        <>
          {preview ? (
            <Picture url={preview} alt="" width={width ?? 1} height={height ?? 1} eager />
          ) : (
            <Skeleton className="aspect-square h-auto" />
          )}
          <Progress value={job.data?.progress ?? 0} label={`${name} ${version}`} />
        </>
      )}
    </section>
  );
}
