import { Field, Group, Input, Slider } from "@/parts/Field";
import { texts } from "@/texts";
import { percent } from "../numbers";
import type { ExperimentDraft } from "./draft";

interface RulesProps {
  draft: ExperimentDraft;
  onChange: (part: Partial<ExperimentDraft>) => void;
}

/** When it has said enough, what is asked besides, and what an arm may not do. As it comes, it is good for a small studio. */
export function Rules({ draft, onChange }: RulesProps) {
  const words = texts.judge.newExperiment;
  const number = (label: string, value: number, set: (now: number) => void, least = 1) => (
    <Field label={label}>
      {(given) => (
        <Input
          {...given}
          type="number"
          min={least}
          value={value}
          onChange={(event) => set(event.currentTarget.valueAsNumber || least)}
        />
      )}
    </Field>
  );
  return (
    <details className="group rounded-xl border border-line px-4 py-3">
      <summary className="text-base font-semibold">{words.advanced}</summary>
      <div className="mt-4 grid gap-5">
        <Group label={words.votes}>
          <div className="grid items-start gap-4 sm:grid-cols-3">
            {number(words.least, draft.least, (least) => onChange({ least }), 2)}
            {number(words.most, draft.most, (most) => onChange({ most }), 2)}
            {number(words.raters, draft.raters, (raters) => onChange({ raters }))}
          </div>
        </Group>
        <Field label={words.criteria} hint={words.criteriaHint}>
          {(given) => (
            <Input
              {...given}
              value={draft.criteria}
              onChange={(event) => onChange({ criteria: event.currentTarget.value })}
            />
          )}
        </Field>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={words.failures} aside="%">
            {(given) => (
              <Input
                {...given}
                inputMode="decimal"
                placeholder={texts.common.none}
                value={draft.failures}
                onChange={(event) => onChange({ failures: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={words.ratio}>
            {(given) => (
              <Input
                {...given}
                inputMode="decimal"
                placeholder={texts.common.none}
                value={draft.ratio}
                onChange={(event) => onChange({ ratio: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
        {draft.mode !== "replay" && (
          <Field label={words.exposure}>
            {(given) => (
              <Slider
                {...given}
                min={0}
                max={1}
                step={0.05}
                value={draft.exposure}
                shown={percent(draft.exposure)}
                onChange={(exposure) => onChange({ exposure })}
              />
            )}
          </Field>
        )}
      </div>
    </details>
  );
}
