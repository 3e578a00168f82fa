import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { jobQuery } from "@/api/jobs";
import { useTitle } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { Lineage } from "@/pictures/Lineage";
import { texts } from "@/texts";
import { idOf, toLookAt } from "./results/files";
import { gridOf } from "./results/grid";
import { JobCard } from "./results/JobCard";
import { SelectionBar } from "./results/SelectionBar";
import { useGridKeys } from "./results/useGridKeys";

const route = getRouteApi("/studio/app/jobs/$jobId");

/** One job on a screen of its own, to look at and to link to. */
export function JobScreen() {
  const { jobId } = route.useParams();
  const job = useQuery(jobQuery(jobId));
  const navigate = useNavigate();
  const keys = useGridKeys();
  const first = job.data?.images[0];
  useTitle(job.data?.prompt ?? texts.jobs.title);
  return (
    <div className="mx-auto w-full max-w-[1400px] px-4 py-6 md:px-8" {...keys}>
      {!job.data && <h1 className="sr-only">{texts.jobs.title}</h1>}
      {job.error && !job.data && <Failed error={job.error} onRetry={() => job.refetch()} />}
      {job.isPending && (
        <Loading>
          <Skeleton className="h-9 w-80" />
          <div className="@container">
            <div className={gridOf(4)}>
              {["a", "b", "c", "d"].map((place) => (
                <Skeleton key={place} className="aspect-square" />
              ))}
            </div>
          </div>
        </Loading>
      )}
      {job.data && (
        <JobCard
          job={job.data}
          readAt={job.dataUpdatedAt}
          alone
          onOrdered={(ordered) => navigate({ to: "/app/jobs/$jobId", params: { jobId: ordered } })}
        />
      )}
      {first && (
        <section className="mt-10 max-w-2xl" aria-labelledby="lineage">
          <h2 id="lineage" className="mb-3 text-base font-semibold">
            {texts.jobs.lineage}
          </h2>
          <Lineage assetId={idOf(jobId, first)} url={toLookAt(first) ?? first.url} />
        </section>
      )}
      <SelectionBar />
    </div>
  );
}
