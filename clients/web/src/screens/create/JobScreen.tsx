import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { jobQuery } from "@/api/jobs";
import { useTitle } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { JobCard } from "./results/JobCard";
import { gridOf } from "./results/PictureGrid";
import { useGridKeys } from "./results/useGridKeys";

const route = getRouteApi("/studio/app/jobs/$jobId");

/** One job on a screen of its own, to look at and to link to. */
export function JobScreen() {
  const { jobId } = route.useParams();
  const job = useQuery(jobQuery(jobId));
  const navigate = useNavigate();
  const keys = useGridKeys();
  useTitle(job.data?.prompt ?? texts.jobs.title);
  return (
    <div className="mx-auto w-full max-w-[1400px] px-4 py-6 md:px-8" {...keys}>
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
    </div>
  );
}
