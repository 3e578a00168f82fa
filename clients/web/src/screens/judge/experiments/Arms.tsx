import type { ExperimentBody } from "@openapi";
import { Badge } from "@/parts/Badge";
import { texts } from "@/texts";
import { DataTable } from "../DataTable";
import { percent } from "../numbers";
import { inWords } from "../overlay";

/** What is compared, and by which rules. */
export function Arms({ experiment }: { experiment: ExperimentBody }) {
  const words = texts.judge.experiments.arms;
  const whole = experiment.arms.reduce((sum, arm) => sum + arm.weight, 0) || 1;
  return (
    <div className="grid gap-8">
      <DataTable
        caption={words.title}
        rows={experiment.arms}
        keyOf={(arm) => arm.id}
        columns={[
          { head: words.arm, cell: (arm) => <span className="font-semibold">{arm.id}</span> },
          {
            head: words.change,
            cell: (arm) => (
              <span className="grid justify-items-start gap-1">
                {inWords(arm.overlay)}
                {arm.down && (
                  <Badge tone="bad" title={arm.down}>
                    {words.down}
                  </Badge>
                )}
                {arm.down && <span className="text-bad">{arm.down}</span>}
              </span>
            ),
          },
          { head: words.weight, number: true, cell: (arm) => percent(arm.weight / whole) },
        ]}
      />
      <section>
        <h2 className="mb-2 text-sm font-semibold">{words.rules}</h2>
        <dl className="grid gap-x-6 gap-y-2 text-[13px] sm:grid-cols-[max-content_1fr]">
          {rulesOf(experiment).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="mb-1 sm:mb-0">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}

function rulesOf({ definition }: ExperimentBody): [string, string][] {
  const words = texts.judge.experiments.arms;
  const { scope, stop, ballots, guardrails, budget, layer, criteria, prompt_set, unit, mode } = definition;
  const guards = guardrails.map((one) =>
    one.metric === "failure" ? words.failure(one.max ?? 0) : words.ratio(one.max_ratio ?? 0),
  );
  const rules: [string, string][] = [
    [words.scope, [...scope.asset_types, ...scope.qualities].join(", ") || words.all],
    [words.stop, words.stopRule(stop.min_votes, stop.max_votes, stop.min_raters, stop.alpha)],
    [words.ballots, words.ballotRule(ballots.screen, ballots.sitting, ballots.checks)],
    [words.guardrails, guards.join("; ") || words.none],
  ];
  if (mode === "split") rules.push([words.unit, unit]);
  if (criteria.length) rules.push([words.criteria, criteria.join(", ")]);
  if (prompt_set) rules.push([words.promptSet, prompt_set]);
  if (budget) rules.push([words.budget, words.seconds(budget.gpu_seconds)]);
  if (layer) rules.push([words.layer, `${layer.name}, ${layer.slots.join(" to ")}`]);
  return rules;
}
