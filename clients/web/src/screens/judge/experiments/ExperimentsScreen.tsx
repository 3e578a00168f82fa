import type { ExperimentBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FlaskConical, Plus } from "lucide-react";
import { experimentsQuery } from "@/api/experiments";
import { buttonLook } from "@/parts/Button";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { JudgePage } from "../JudgePage";
import { ExperimentList } from "./ExperimentList";

const ORDER: ExperimentBody["state"][] = ["running", "paused", "ready", "stopped"];

/** Every experiment, those that run first. */
export function ExperimentsScreen() {
  const words = texts.judge.experiments;
  const experiments = useQuery(experimentsQuery);
  const mayAdd = useHasRole("evaluator", "brand_engineer");
  const add = mayAdd && (
    <Link to="/app/experiments/new" className={buttonLook({ look: "primary" })}>
      <Plus className="size-4" aria-hidden />
      {words.add}
    </Link>
  );
  const list = experiments.data?.experiments.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return (
    <JudgePage title={words.title} lead={words.lead} actions={list?.length ? add : null}>
      {experiments.error && !list ? (
        <Failed error={experiments.error} onRetry={experiments.refetch} />
      ) : !list ? (
        <Loading>
          <Skeleton className="h-17" />
          <Skeleton className="h-17" />
          <Skeleton className="h-17" />
        </Loading>
      ) : list.length === 0 ? (
        <Empty icon={<FlaskConical aria-hidden />} title={words.none} action={add}>
          {words.noneLead}
        </Empty>
      ) : (
        <ExperimentList experiments={list} />
      )}
      {experiments.data?.notes.map((note) => (
        <p key={note} className="mt-3 text-[13px] text-warn">
          {note}
        </p>
      ))}
    </JudgePage>
  );
}
