import type { ExperimentBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FlaskConical, Scale } from "lucide-react";
import { comparisonsQuery } from "@/api/comparisons";
import { experimentsQuery } from "@/api/experiments";
import { buttonLook } from "@/parts/Button";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { ComparisonList } from "./comparing/ComparisonList";
import { ExperimentList } from "./experiments/ExperimentList";
import { JudgePage } from "./JudgePage";

/** What can be judged now, and what is being found out. */
export function JudgeScreen() {
  const { judge } = texts;
  const mayVote = useHasRole("evaluator");
  const mayCompare = useHasRole("designer", "evaluator");
  const experiments = useQuery(experimentsQuery);
  const running = experiments.data?.experiments.filter(({ state }) => state === "running" || state === "paused");
  return (
    <JudgePage title={judge.title} lead={judge.lead}>
      <div className="grid gap-10">
        <section aria-labelledby="to-vote">
          <h2 id="to-vote" className="mb-3 text-base font-semibold">
            {judge.home.toVote}
          </h2>
          {experiments.error && !running ? (
            <Failed error={experiments.error} onRetry={experiments.refetch} />
          ) : !running ? (
            <Loading>
              <Skeleton className="h-28" />
            </Loading>
          ) : (
            <ToVote running={running} mayVote={mayVote} />
          )}
        </section>
        {mayCompare && <Comparisons />}
        {running && running.length > 0 && (
          <section aria-labelledby="running">
            <h2 id="running" className="mb-3 text-base font-semibold">
              {judge.home.running}
            </h2>
            <ExperimentList experiments={running} />
          </section>
        )}
      </div>
    </JudgePage>
  );
}

function ToVote({ running, mayVote }: { running: readonly ExperimentBody[]; mayVote: boolean }) {
  const { home } = texts.judge;
  const asked = running.filter(({ definition }) => definition.mode !== "split");
  if (!mayVote) return <p className="text-soft">{home.noVoter}</p>;
  if (asked.length === 0) {
    return (
      <Empty
        icon={<Scale aria-hidden />}
        title={home.nothing}
        action={
          <Link to="/app/experiments" className={buttonLook({ look: "primary" })}>
            <FlaskConical className="size-4" aria-hidden />
            {home.firstExperiment}
          </Link>
        }
      >
        {home.nothingLead}
      </Empty>
    );
  }
  return (
    <ul className="grid gap-3 sm:grid-cols-2">
      {asked.map((experiment) => (
        <Ticket key={experiment.id} experiment={experiment} />
      ))}
    </ul>
  );
}

function Ticket({ experiment }: { experiment: ExperimentBody }) {
  const { home } = texts.judge;
  const { ballots, stop, description } = experiment.definition;
  const open = experiment.open_ballots ?? 0;
  const size = ballots.screen === 4 ? home.screens(ballots.sitting) : home.sitting(ballots.sitting);
  return (
    <li className="grid content-between gap-4 rounded-2xl border border-line bg-sheet p-4 shadow-sheet">
      <div>
        <h3 className="text-[15px] font-semibold" dir="auto">
          {experiment.name}
        </h3>
        {description && (
          <p className="mt-1 line-clamp-2 text-[13px] text-soft" dir="auto">
            {description}
          </p>
        )}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <span className="text-xs text-soft">
          {open > 0 && <strong className="block font-semibold text-accent">{home.open(open)}</strong>}
          {size}, {home.held(stop.max_votes)}
        </span>
        <Link
          to="/app/judge/$experimentId"
          params={{ experimentId: experiment.id }}
          aria-label={home.voteOn(experiment.name)}
          className={buttonLook({ look: "primary" })}
        >
          {open > 0 ? home.goOn : home.vote}
        </Link>
      </div>
    </li>
  );
}

function Comparisons() {
  const { home } = texts.judge;
  const comparisons = useQuery(comparisonsQuery);
  return (
    <section aria-labelledby="comparisons">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 id="comparisons" className="text-base font-semibold">
            {home.comparisons}
          </h2>
          <p className="text-[13px] text-soft">{home.compareLead}</p>
        </div>
        <Link to="/app/compare-ways/new" className={buttonLook({})}>
          {home.compare}
        </Link>
      </div>
      {comparisons.error && !comparisons.data ? (
        <Failed error={comparisons.error} onRetry={comparisons.refetch} />
      ) : !comparisons.data ? (
        <Skeleton className="h-17" />
      ) : comparisons.data.length === 0 ? (
        <p className="text-soft">{home.noComparisons}</p>
      ) : (
        <ComparisonList comparisons={comparisons.data.slice(0, 5)} />
      )}
    </section>
  );
}
