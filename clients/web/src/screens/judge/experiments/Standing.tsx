import type { ExperimentConfig, ResultsBody } from "@openapi";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";
import { evidence, evidenceShare } from "../numbers";

/** What the votes say in one sentence, how sure that is, and what is missing. */
export function Standing({ results, definition }: { results: ResultsBody; definition: ExperimentConfig }) {
  const words = texts.judge.experiments.results;
  const { stop } = definition;
  // Of several comparisons each may err with its part of alpha.
  const enough = Math.max(1, results.arms.length - 1) / stop.alpha;
  return (
    <section className="grid gap-5 rounded-2xl border border-line bg-sheet p-5 shadow-sheet">
      <div>
        <p className="font-serif text-xl leading-snug">{sentence(results.verdict)}</p>
        <p className="mt-1.5 text-[13px] text-soft">
          {words.counted(results.votes, results.raters, results.prompts)}.{missing(results)}
        </p>
      </div>
      <div className="grid gap-x-10 gap-y-4 sm:grid-cols-2">
        <Meter
          label={words.evidence}
          told={words.evidenceOf(evidence(results.e_value), evidence(enough))}
          value={evidenceShare(results.e_value, enough)}
          hint={words.evidenceHint}
        />
        <Meter
          label={words.votes}
          told={words.votesOf(results.votes, stop.min_votes, stop.max_votes)}
          value={results.votes / stop.max_votes}
        />
      </div>
      {results.notes.length > 0 && (
        <ul className="grid gap-1.5">
          {results.notes.map((note) => (
            <li key={note} className="rounded-lg bg-warn-wash px-3 py-1.5 text-[13px] text-warn">
              {note}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function missing({ stop, more_votes, more_raters, votes }: ResultsBody): string {
  const words = texts.judge.experiments.results;
  if (stop) return ` ${words.enough}`;
  if (more_raters) return ` ${words.moreRaters(more_raters)}`;
  return more_votes && votes ? ` ${words.more(more_votes)}` : "";
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

interface MeterProps {
  label: string;
  told: string;
  value: number;
  hint?: string;
}

function Meter({ label, told, value, hint }: MeterProps) {
  return (
    <div className="grid content-start gap-1.5">
      <p className="flex flex-wrap justify-between gap-x-3 text-[13px]">
        <span className="font-semibold">{label}</span>
        <span className="text-soft tabular-nums">{told}</span>
      </p>
      <Progress value={value} label={`${label}: ${told}`} />
      {hint && <p className="text-xs text-soft">{hint}</p>}
    </div>
  );
}
