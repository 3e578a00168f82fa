import type { JobBody } from "@openapi";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { batchJobsQuery } from "@/api/batches";
import { at } from "@/api/root";
import { Button } from "@/parts/Button";
import { Picture } from "@/parts/Picture";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

const said = texts.batch.detail;
const SIDE = 256;

/** The pictures of a batch that are finished, each leading to its job. */
export function BatchPictures({ batchId, running }: { batchId: string; running: boolean }) {
  const jobs = useInfiniteQuery(batchJobsQuery(batchId, running));
  if (jobs.error && !jobs.data) return <Failed error={jobs.error} onRetry={jobs.refetch} />;
  if (!jobs.data) {
    return (
      <Loading>
        <Skeleton className="h-48" />
      </Loading>
    );
  }
  const drawn = jobs.data.pages.flatMap((page) => page.jobs).filter((job) => job.images.length > 0);
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">{said.pictures}</h2>
      {drawn.length === 0 && <p className="text-soft">{said.waiting}</p>}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-3">
        {drawn.flatMap((job) =>
          job.images.map((image) => <Drawn key={`${job.job_id}/${image.index}`} job={job} image={image} />),
        )}
      </ul>
      {jobs.hasNextPage && (
        <Button className="justify-self-start" onClick={() => jobs.fetchNextPage()} disabled={jobs.isFetchingNextPage}>
          {texts.common.more}
        </Button>
      )}
    </section>
  );
}

function Drawn({ job, image }: { job: JobBody; image: JobBody["images"][number] }) {
  const url = image.asset_id ? at(`images/${image.asset_id}/thumbnail?side=${SIDE}`) : image.url;
  return (
    <li>
      <Link to="/app/jobs/$jobId" params={{ jobId: job.job_id }} className="grid gap-1.5 rounded-lg">
        <Picture url={url} alt={job.prompt} width={image.width} height={image.height} />
        <span className="truncate text-xs text-soft" dir="auto">
          <span className="tabular-nums">{said.jobOf(job.line ?? null)}</span> · {job.asset_type.replaceAll("_", " ")}
        </span>
      </Link>
    </li>
  );
}
