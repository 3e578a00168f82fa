import type { TrainingPlans } from "@openapi";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Problem } from "@/api/problem";
import { duration, Moment } from "@/parts/dates";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";
import { money, sentence } from "../datasets/Findings";

const said = texts.training.estimate;

interface EstimateProps {
  plans: TrainingPlans | undefined;
  problem: Problem | null;
  asking: boolean;
  onAgain: () => void;
}

/** What a training would take, and what comes of it, before anything is begun. */
export function Estimate({ plans, problem, asking, onAgain }: EstimateProps) {
  const [first] = plans?.trainings ?? [];
  return (
    <section aria-label={said.title} className="grid content-start gap-4">
      <h2 className="text-[13px] font-semibold">{said.title}</h2>
      {problem && <Refusal error={problem} onRetry={onAgain} />}
      {!problem && !first && <p className="text-[13px] text-soft">{asking ? said.asking : said.empty}</p>}
      {!problem && plans && first && (
        <>
          <p>
            <span className="text-2xl font-semibold tabular-nums">{duration(plans.estimated_time_seconds)}</span>
            {plans.trainings.length > 1 && (
              <span className="block text-[13px] text-soft">{said.runs(plans.trainings.length)}</span>
            )}
          </p>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 text-[13px]">
            <Row label={said.finish}>
              <Moment at={plans.finish} />
            </Row>
            <Row label={said.pictures}>{first.pictures}</Row>
            <Row label={said.steps}>{first.estimate.steps.toLocaleString("en")}</Row>
            {first.estimate.gpu_hours > 0 && (
              <Row label={said.gpu}>{sum(plans, (one) => one.gpu_hours).toFixed(2)}</Row>
            )}
            {typeof first.estimate.memory_gb === "number" && (
              <Row label={said.memory}>{said.gb(first.estimate.memory_gb)}</Row>
            )}
            {typeof first.estimate.cost === "number" && (
              <Row label={said.cost}>
                {money(
                  sum(plans, (one) => one.cost ?? 0),
                  first.estimate.currency ?? null,
                )}
              </Row>
            )}
          </dl>
          <p className="text-xs text-soft">{first.estimate.measured ? said.measured : said.guess}</p>
          <div className="grid justify-items-start gap-1.5 border-t border-line pt-4">
            <LicenceBadge licence={first.licence} />
            <p className="text-xs text-soft">{first.licence.notice.sentence}</p>
          </div>
          {first.notes.map((note) => (
            <p key={note.code + note.message} className="flex gap-2 text-[13px] text-warn">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              <span dir="auto">{sentence(note.message)}</span>
            </p>
          ))}
        </>
      )}
    </section>
  );
}

const sum = (plans: TrainingPlans, of: (estimate: TrainingPlans["trainings"][number]["estimate"]) => number) =>
  plans.trainings.reduce((all, one) => all + of(one.estimate), 0);

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{label}</dt>
      <dd className="text-right tabular-nums">{children}</dd>
    </>
  );
}
