import type { JobBody } from "@openapi";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Brush } from "lucide-react";
import { jobQuery, jobsQuery } from "@/api/jobs";
import { isEnded } from "@/live/happening";
import { Button } from "@/parts/Button";
import { Progress } from "@/parts/Progress";
import { Empty, Failed } from "@/parts/states";
import { texts } from "@/texts";
import { suggest } from "../form";
import { type Sending, useOrders } from "../ordering";
import { toForm } from "./editing";
import { gridOf } from "./grid";
import { JobCard } from "./JobCard";
import { Place } from "./PendingTile";
import { Places } from "./Places";

/** What was ordered, newest first: what is on its way, what this tab has ordered, and what the studio lists. */
export function Feed() {
  const jobs = useInfiniteQuery(jobsQuery());
  const { sending, fresh } = useOrders();
  const listed = jobs.data?.pages.flatMap((page) => page.jobs) ?? [];
  const before = new Map(listed.map((job) => [job.job_id, job]));
  const ids = [...fresh.filter((id) => !before.has(id)), ...before.keys()];
  if (jobs.isPending && ids.length === 0 && sending.length === 0) return <Places />;
  if (jobs.error && ids.length === 0) return <Failed error={jobs.error} onRetry={() => jobs.refetch()} />;
  if (ids.length === 0 && sending.length === 0) return <Nothing />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      {sending.map((order, place) => (
        <SendingCard key={order.key} order={order} large={place === 0} />
      ))}
      {ids.map((id, place) => (
        <FollowedJob key={id} id={id} listed={before.get(id)} place={sending.length + place} />
      ))}
      {jobs.hasNextPage && (
        <Button className="justify-self-center" onClick={() => jobs.fetchNextPage()} disabled={jobs.isFetchingNextPage}>
          {texts.jobs.older}
        </Button>
      )}
    </div>
  );
}

/** So many are laid out at once. */
const NEAR = 3;
const FRESH_MS = 10_000;

interface FollowedJobProps {
  id: string;
  listed: JobBody | undefined;
  /** From the top. */
  place: number;
}

function FollowedJob({ id, listed, place }: FollowedJobProps) {
  const { data: job, dataUpdatedAt } = useQuery({
    ...jobQuery(id),
    // What happens to a running job before it is followed is told to nobody: it is read once more.
    staleTime: ({ state }) => (state.data && isEnded(state.data.status) ? FRESH_MS : 0),
    ...(listed ? { initialData: listed } : {}),
  });
  if (!job) return null;
  return (
    // What is far below is not laid out until it is scrolled to.
    <div className={place < NEAR ? "" : "[contain-intrinsic-size:auto_26rem] [content-visibility:auto]"}>
      <JobCard job={job} readAt={dataUpdatedAt} large={place === 0} onOrdered={toTop} />
    </div>
  );
}

const toTop = () => document.getElementById("results")?.scrollIntoView({ block: "start", behavior: "smooth" });

/** An order that the studio has not answered yet, in the places that its pictures will have. */
function SendingCard({ order, large }: { order: Sending; large: boolean }) {
  return (
    <article aria-label={order.prompt} className="@container grid grid-cols-[minmax(0,1fr)] gap-3">
      <h2 dir="auto" className="line-clamp-2 text-[15px] font-semibold break-words">
        {order.prompt}
      </h2>
      <Progress value={0} label={texts.jobs.progress(order.prompt)} />
      <p className="text-[13px] text-soft">{texts.jobs.sending}</p>
      <div className={gridOf(order.count, large)}>
        {Array.from({ length: order.count }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places without anything in them
          <Place key={place} size={order.size} className="shimmer bg-well" />
        ))}
      </div>
    </article>
  );
}

function Nothing() {
  const own = texts.create.empty;
  return (
    <Empty
      icon={<Brush aria-hidden />}
      title={own.title}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          {own.examples.map((prompt) => (
            <Button
              key={prompt}
              onClick={() => {
                suggest(prompt);
                toForm();
              }}
            >
              {prompt}
            </Button>
          ))}
        </div>
      }
    >
      {own.lead}
    </Empty>
  );
}
