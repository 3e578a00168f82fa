import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { jobQuery, jobsQuery } from "@/api/jobs";
import { isEnded } from "@/live/happening";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";

const SHOWN = 3;

/** What is being drawn for this person now, wherever they are in the studio. */
export function RunningJobs() {
  const { data } = useInfiniteQuery(jobsQuery());
  const listed = data?.pages[0]?.jobs.filter((job) => !isEnded(job.status)) ?? [];
  const followed = useQueries({
    queries: listed.slice(0, SHOWN).map((job) => ({ ...jobQuery(job.job_id), initialData: job })),
  });
  const running = followed.flatMap(({ data: job }) => (job && !isEnded(job.status) ? [job] : []));
  if (running.length === 0) return null;
  return (
    <section aria-label={texts.shell.running(listed.length)} className="grid gap-1">
      {running.map((job) => (
        <Link
          key={job.job_id}
          to="/app/jobs/$jobId"
          params={{ jobId: job.job_id }}
          className="grid gap-1.5 rounded-lg px-3 py-2 text-xs hover:bg-well"
        >
          <span className="truncate">{job.prompt}</span>
          <Progress value={job.progress} label={job.prompt} />
        </Link>
      ))}
    </section>
  );
}
