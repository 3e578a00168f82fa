import type { ExperimentBody, RevealedBallot, SittingBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { Badge } from "@/parts/Badge";
import { Button, buttonLook } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";
import { placeOf } from "./letters";
import type { Held } from "./pictures";
import { tally } from "./tally";

interface ToldProps {
  told: SittingBody;
  pictures: Held;
  experiment: ExperimentBody;
  onGoOn: () => void;
}

/** A sitting that is over: what was what, and what one has preferred. */
export function Told({ told, pictures, experiment, onGoOn }: ToldProps) {
  const { reveal } = texts.judge;
  const found = tally(told.ballots);
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-8 md:px-8">
      <header className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="font-serif text-2xl font-semibold">{reveal.title}</h1>
          <p className="mt-1 text-soft">{reveal.lead(told.ballots.length, experiment.name)}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={onGoOn}>
            {reveal.goOn}
          </Button>
          <Link to="/app/judge" className={buttonLook({})}>
            {reveal.done}
          </Link>
        </div>
      </header>
      <ul className="mb-3 grid gap-3">
        {found.arms.map(({ arm, chosen, shown }) => (
          <li key={arm} className="grid gap-1">
            <div className="flex justify-between gap-3">
              <span className="font-semibold">{arm}</span>
              <span className="text-soft tabular-nums">{reveal.chosen(chosen, shown)}</span>
            </div>
            <div className="h-2.5 overflow-hidden rounded-full bg-well" aria-hidden>
              <div className="h-full rounded-full bg-accent" style={{ width: `${(100 * chosen) / (shown || 1)}%` }} />
            </div>
          </li>
        ))}
      </ul>
      <p className="mb-8 text-[13px] text-soft">
        {reveal.rest(found)} {found.checks > 0 && reveal.checks(found.passed, found.checks)}
      </p>
      <h2 className="mb-3 text-base font-semibold">{reveal.ballots}</h2>
      <ol className="grid gap-px overflow-hidden rounded-xl border border-line bg-line">
        {told.ballots.map((ballot) => (
          <Line key={ballot.id} ballot={ballot} pictures={pictures[ballot.id] ?? []} />
        ))}
      </ol>
    </div>
  );
}

function Line({ ballot, pictures }: { ballot: RevealedBallot; pictures: readonly string[] }) {
  const { reveal } = texts.judge;
  const place = placeOf(ballot.choice);
  return (
    <li className="grid gap-3 bg-sheet p-3 sm:grid-cols-[1fr_auto] sm:items-center">
      <div className="min-w-0">
        <p className="line-clamp-2" dir="auto">
          {ballot.prompt}
        </p>
        <p className="mt-1 flex flex-wrap items-center gap-2 text-[13px] text-soft">
          {place === null && (reveal.answers[ballot.choice] ?? ballot.choice)}
          {ballot.check && <Badge>{reveal.check[ballot.check]}</Badge>}
          {ballot.passed === false && <Badge tone="warn">{reveal.missed}</Badge>}
        </p>
      </div>
      <ul className="flex flex-wrap gap-2">
        {ballot.arms.map((arm, i) => (
          <li key={`${ballot.id} ${arm} ${pictures[i] ?? i}`} className="grid w-24 gap-1 text-center">
            {pictures[i] && (
              <img
                src={pictures[i]}
                alt=""
                className={classes(
                  "aspect-square w-full rounded-lg border-2 bg-well object-contain",
                  i === place ? "border-accent" : "border-transparent",
                )}
              />
            )}
            <span
              className={classes(
                "flex items-center justify-center gap-1 truncate text-xs",
                i === place ? "font-semibold" : "text-soft",
              )}
            >
              {i === place && <Check className="size-3.5 text-accent" aria-label={reveal.yours} />}
              {arm}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
