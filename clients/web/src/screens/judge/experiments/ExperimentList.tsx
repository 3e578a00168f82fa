import type { ExperimentBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { texts } from "@/texts";
import { inWords } from "../overlay";
import { StateBadge } from "./StateBadge";

/** Experiments as rows, each the way to its page. */
export function ExperimentList({ experiments }: { experiments: readonly ExperimentBody[] }) {
  return (
    <ul className="overflow-hidden rounded-xl border border-line bg-sheet">
      {experiments.map((experiment) => (
        <li key={experiment.id} className="border-b border-line last:border-0">
          <Link
            to="/app/experiments/$experimentId"
            params={{ experimentId: experiment.id }}
            className="flex items-center gap-4 px-4 py-3.5 outline-offset-[-2px] hover:bg-well/60"
          >
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                <span className="font-semibold" dir="auto">
                  {experiment.name}
                </span>
                <StateBadge state={experiment.state} />
                {experiment.decision && (
                  <span className="text-[13px] text-soft">{texts.judge.experiments.decided(experiment.decision)}</span>
                )}
              </span>
              <span className="mt-0.5 line-clamp-2 text-[13px] text-soft">
                {texts.judge.experiments.modes[experiment.definition.mode]}
                {": "}
                {experiment.arms.map((arm) => `${arm.id} (${inWords(arm.overlay)})`).join("; ")}
              </span>
            </span>
            <ChevronRight className="size-4 shrink-0 text-soft" aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}
