import type { ExperimentBody, RunBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ListPlus } from "lucide-react";
import { useState } from "react";
import { cancelRun, runsQuery } from "@/api/experiments";
import { Badge, type Tone } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { Empty, Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { OrderRun } from "./OrderRun";

const TONE: Record<RunBody["status"], Tone> = {
  running: "accent",
  complete: "good",
  stopped: "warn",
  canceled: "plain",
};

/** What was drawn for an experiment while nobody waited, and how far it is. */
export function Runs({ experiment }: { experiment: ExperimentBody }) {
  const words = texts.judge.experiments.runs;
  const runs = useQuery(runsQuery(experiment.id));
  const [ordering, setOrdering] = useState(false);
  const mayOrder = useHasRole("evaluator") && (experiment.state === "running" || experiment.state === "paused");
  if (runs.error && !runs.data) return <Failed error={runs.error} onRetry={runs.refetch} />;
  if (!runs.data) {
    return (
      <Loading>
        <Skeleton className="h-20" />
      </Loading>
    );
  }
  const order = mayOrder && (
    <Button onClick={() => setOrdering(true)}>
      <ListPlus className="size-4" aria-hidden />
      {words.order}
    </Button>
  );
  return (
    <div className="grid gap-4">
      {runs.data.runs.length === 0 ? (
        <Empty title={words.none} action={order}>
          {words.noneLead}
        </Empty>
      ) : (
        <>
          <div className="flex justify-end">{order}</div>
          <ul className="grid gap-3">
            {runs.data.runs.map((run) => (
              <Run key={run.run_id} run={run} mayCancel={mayOrder} />
            ))}
          </ul>
        </>
      )}
      {ordering && <OrderRun experiment={experiment} onClose={() => setOrdering(false)} />}
    </div>
  );
}

function Run({ run, mayCancel }: { run: RunBody; mayCancel: boolean }) {
  const words = texts.judge.experiments.runs;
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelRun(run.experiment, run.run_id),
    onSuccess: () => {
      toast(words.canceled);
      return client.invalidateQueries({ queryKey: ["experiment", run.experiment, "runs"] });
    },
  });
  const left = words.left(run.skipped, run.dropped);
  const done = run.settled + run.skipped + run.dropped;
  return (
    <li className="grid gap-2.5 rounded-xl border border-line bg-sheet px-4 py-3.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-semibold">
          {words.kinds[run.kind]}
          {run.prompt_set && `: ${run.prompt_set}`}
        </span>
        <Badge tone={TONE[run.status]}>{words.status[run.status]}</Badge>
        <span className="text-[13px] text-soft">{texts.judge.experiments.phase(run.phase)}</span>
        <Moment at={run.created_at} className="ml-auto text-[13px] text-soft tabular-nums" />
      </div>
      <Progress value={run.lines ? done / run.lines : 0} label={words.lines(done, run.lines)} />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-[13px] text-soft">
        <span>
          {words.lines(done, run.lines)}
          {left && `, ${left}`}
          {run.reason && `: ${run.reason}`}
        </span>
        {mayCancel && run.status === "running" && (
          <Button size="small" look="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            {words.cancel}
          </Button>
        )}
      </div>
      <Refusal error={cancel.error} />
    </li>
  );
}
