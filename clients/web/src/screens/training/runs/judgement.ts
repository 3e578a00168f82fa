import type { Training } from "@/api/trainings";
import { bodyOf, listOf, numberOf, textOf } from "@/screens/makers/body";

/** What a judge says, as the screen shows it; read without trust, since another release may have written it. */
export interface Judged {
  step: number;
  strength: number;
  marks: Readonly<Record<string, { value: number; error: number }>>;
  failed: readonly string[];
  lost: string | null;
}

export interface Pick {
  step: number;
  strength: number;
  recommended: boolean;
  reasons: readonly string[];
}

export interface Judgement {
  pick: Pick;
  others: readonly Pick[];
  judged: readonly Judged[];
  /** Of the measures that were taken, as they stand in the columns. */
  measures: readonly string[];
  prompts: number;
  seeds: number;
  looked: readonly string[];
  /** The hash of its sheet. */
  sheet: string | null;
}

const ORDER = [
  "style",
  "subject",
  "prompt",
  "drift",
  "copying",
  "diversity",
  "plain_prompt",
  "linearity",
  "legibility",
];

export function judgementOf(training: { judgement?: Training["judgement"] }): Judgement | null {
  const told = bodyOf(training.judgement);
  if (Object.keys(told).length === 0) return null;
  const document = bodyOf(told.judgement);
  const judged = listOf(document.judged).map(judgedOf);
  const taken = new Set(judged.flatMap((one) => Object.keys(one.marks)));
  const known = ORDER.filter((name) => taken.has(name));
  return {
    pick: pickOf("pick" in document ? document.pick : { ...told, recommended: true }),
    others: listOf(document.others).map(pickOf),
    judged,
    measures: [...known, ...[...taken].filter((name) => !ORDER.includes(name)).sort()],
    prompts: listOf(document.prompts).length,
    seeds: listOf(document.seeds).length,
    looked: listOf(document.looked).map(textOf).filter(Boolean),
    sheet: textOf(told.sheet) || null,
  };
}

const pickOf = (value: unknown): Pick => {
  const said = bodyOf(value);
  return {
    step: numberOf(said.step, 0),
    strength: numberOf(said.strength, 1),
    recommended: said.recommended === true,
    reasons: listOf(said.reasons).map(textOf).filter(Boolean),
  };
};

function judgedOf(value: unknown): Judged {
  const said = bodyOf(value);
  const marks = Object.entries(bodyOf(said.marks)).map(([name, mark]) => {
    const { value: mean, error } = bodyOf(mark);
    return [name, { value: numberOf(mean, Number.NaN), error: numberOf(error, 0) }] as const;
  });
  return {
    step: numberOf(said.step, 0),
    strength: numberOf(said.strength, 1),
    marks: Object.fromEntries(marks.filter(([, mark]) => Number.isFinite(mark.value))),
    failed: listOf(said.failed).map(textOf).filter(Boolean),
    lost: textOf(said.lost) || null,
  };
}

export const isPick = (one: Pick, judged: Judged): boolean =>
  one.step === judged.step && one.strength === judged.strength;

/** Rows of the table: each step at the strength of the pick, where it was tried so; or all of them. */
export function rowsOf({ judged, pick }: Judgement, all: boolean): readonly Judged[] {
  const sorted = [...judged].sort((one, other) => one.step - other.step || one.strength - other.strength);
  if (all) return sorted;
  const steps = [...new Set(sorted.map((one) => one.step))];
  return steps.flatMap((step) => {
    const of = sorted.filter((one) => one.step === step);
    return of.find((one) => one.strength === pick.strength) ?? of.find((one) => one.strength === 1) ?? of[0] ?? [];
  });
}
