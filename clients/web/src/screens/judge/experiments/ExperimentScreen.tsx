import type { ExperimentBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Crown, Scale } from "lucide-react";
import { useState } from "react";
import { experimentQuery } from "@/api/experiments";
import { Button, buttonLook } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { Tabs } from "@/parts/Tabs";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { Promote } from "../champions/Promote";
import { JudgePage } from "../JudgePage";
import { percent } from "../numbers";
import { Actions } from "./Actions";
import { Arms } from "./Arms";
import { EventLog } from "./EventLog";
import { Results } from "./Results";
import { Runs } from "./Runs";
import { StateBadge } from "./StateBadge";
import { type ExperimentSearch, TABS } from "./search";

/** One experiment: how it stands, what it has found, and what can be done with it. */
export function ExperimentScreen() {
  const { experimentId } = useParams({ from: "/studio/app/experiments/$experimentId" });
  const experiment = useQuery(experimentQuery(experimentId));
  const words = texts.judge.experiments;
  if (experiment.error && !experiment.data) {
    return (
      <JudgePage title={words.title}>
        <Failed error={experiment.error} onRetry={experiment.refetch} />
      </JudgePage>
    );
  }
  if (!experiment.data) {
    return (
      <JudgePage title={words.title}>
        <Loading>
          <Skeleton className="h-6 w-72" />
          <Skeleton className="h-9" />
          <Skeleton className="h-40 rounded-2xl" />
        </Loading>
      </JudgePage>
    );
  }
  return <Known experiment={experiment.data} />;
}

function Known({ experiment }: { experiment: ExperimentBody }) {
  const words = texts.judge.experiments;
  const search = useSearch({ from: "/studio/app/experiments/$experimentId" });
  const navigate = useNavigate({ from: "/app/experiments/$experimentId" });
  const look = (change: ExperimentSearch) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const { tab = experiment.phase ? "results" : "arms", ...reading } = search;
  const content = {
    results: (
      <Results
        experiment={experiment}
        reading={reading}
        onRead={(now) => look({ by: undefined, judge: undefined, style: undefined, phase: undefined, ...now })}
      />
    ),
    arms: <Arms experiment={experiment} />,
    runs: <Runs experiment={experiment} />,
    log: <EventLog id={experiment.id} />,
  };
  return (
    <JudgePage
      title={experiment.name}
      lead={experiment.definition.description || words.modeLead[experiment.definition.mode]}
      actions={<Doing experiment={experiment} />}
    >
      <p className="-mt-3 mb-6 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-[13px] text-soft">
        <StateBadge state={experiment.state} />
        <span title={words.modeLead[experiment.definition.mode]}>{words.modes[experiment.definition.mode]}</span>
        {experiment.phase > 0 && <span>{words.phase(experiment.phase)}</span>}
        <span>{words.exposure(percent(experiment.exposure))}</span>
        {experiment.decision && <strong className="text-ink">{words.decided(experiment.decision)}</strong>}
        {experiment.changed_at && <Moment at={experiment.changed_at} className="tabular-nums" />}
      </p>
      <Tabs
        label={words.tabs.label}
        value={tab}
        onChange={(now) => look({ tab: now })}
        tabs={TABS.map((value) => ({
          value,
          label: words.tabs[value],
          content: tab === value ? content[value] : null,
        }))}
      />
    </JudgePage>
  );
}

function Doing({ experiment }: { experiment: ExperimentBody }) {
  const words = texts.judge.experiments;
  const isEvaluator = useHasRole("evaluator");
  const mayPromote = useHasRole("brand_engineer");
  const [promoting, setPromoting] = useState(false);
  const open = experiment.state === "running" || experiment.state === "paused";
  return (
    <>
      {isEvaluator && open && experiment.definition.mode !== "split" && (
        <Link
          to="/app/judge/$experimentId"
          params={{ experimentId: experiment.id }}
          className={buttonLook({ look: "primary" })}
        >
          <Scale className="size-4" aria-hidden />
          {words.vote}
        </Link>
      )}
      {mayPromote && experiment.phase > 0 && (
        <Button onClick={() => setPromoting(true)}>
          <Crown className="size-4" aria-hidden />
          {words.actions.promote}
        </Button>
      )}
      {isEvaluator && <Actions experiment={experiment} />}
      {promoting && <Promote experiment={experiment} onClose={() => setPromoting(false)} />}
    </>
  );
}
