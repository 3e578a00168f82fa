import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, GraduationCap, Plus } from "lucide-react";
import { type Training, trainingsQuery } from "@/api/trainings";
import { isEnded } from "@/live/happening";
import { Button, buttonLook } from "@/parts/Button";
import { duration, Moment } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { TrainingPage } from "../TrainingPage";
import { StateBadge } from "./StateBadge";

const said = texts.training;

/** The person's trainings, newest first. */
export function TrainingsScreen() {
  const mayTrain = useHasRole("designer", "brand_engineer");
  return (
    <TrainingPage
      of="trainings"
      title={said.title}
      lead={said.lead}
      actions={
        mayTrain && (
          <Link to="/app/training/new" className={buttonLook({ look: "primary" })}>
            <Plus className="size-4" aria-hidden />
            {said.new}
          </Link>
        )
      }
    >
      <List />
    </TrainingPage>
  );
}

function List() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(trainingsQuery);
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  if (!data) {
    return (
      <Loading>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} className="h-18" />
        ))}
      </Loading>
    );
  }
  const trainings = data.pages.flatMap((page) => page.trainings);
  if (trainings.length === 0) {
    return (
      <Empty
        icon={<GraduationCap aria-hidden />}
        title={said.empty.title}
        action={
          <Link to="/app/training/datasets/new" className={buttonLook({ look: "primary" })}>
            {said.empty.action}
          </Link>
        }
      >
        {said.empty.lead}
      </Empty>
    );
  }
  return (
    <>
      <ul className="overflow-hidden rounded-2xl border border-line bg-sheet">
        {trainings.map((one) => (
          <Row key={one.job_id} training={one} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-4" onClick={() => fetchNextPage()} disabled={isFetchingNextPage}>
          {texts.common.more}
        </Button>
      )}
    </>
  );
}

function Row({ training }: { training: Training }) {
  const ended = isEnded(training.status);
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/app/training/runs/$trainingId"
        params={{ trainingId: training.job_id }}
        className="flex min-h-18 flex-wrap items-center gap-x-5 gap-y-2 px-5 py-3 -outline-offset-2 hover:bg-well"
      >
        <span className="grid min-w-44 flex-1">
          <span className="truncate font-semibold" dir="auto">
            {training.lora}
          </span>
          <span className="truncate text-xs text-soft">
            {said.on(training.model, training.dataset.replace("@", " "))}
          </span>
        </span>
        {ended ? (
          training.adapter && (
            <span className="text-[13px]">{said.adapter(training.adapter.lora, training.adapter.version)}</span>
          )
        ) : (
          <span className="grid w-44 gap-1 text-xs text-soft">
            <span className="flex justify-between gap-3 tabular-nums">
              <span>{said.steps(training.step, training.steps)}</span>
              <span>{duration(training.estimated_time_seconds)}</span>
            </span>
            <Progress value={training.progress} label={`${said.one.progress}: ${training.lora}`} />
          </span>
        )}
        <span className="flex items-center gap-3">
          <StateBadge state={training.state} />
          <Moment at={training.created_at} className="text-xs text-soft" />
          <ChevronRight className="size-4 text-soft" aria-hidden />
        </span>
      </Link>
    </li>
  );
}
