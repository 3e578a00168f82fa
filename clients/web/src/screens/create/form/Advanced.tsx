import { ChevronRight, Dices } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Checkbox, Field, Group, Input } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";
import { limitsOf } from "../abilities";
import { type Draft, EMPTY } from "../draft";
import { change } from "../form";
import type { Surroundings } from "../request";
import { FileFields } from "./FileFields";
import { SamplingFields } from "./SamplingFields";
import { StageFields } from "./StageFields";
import { TextField } from "./TextField";

interface AdvancedProps {
  draft: Draft;
  around: Surroundings;
  errors: Readonly<Record<string, string>>;
}

/** The fields behind the fold. */
const FIELDS = [
  ...(["seed", "negative_prompt", "sampler", "schedule", "num_inference_steps", "guidance_scale"] as const),
  ...(["best_of", "keep", "formats", "sizes", "stages", "private"] as const),
];
const MOST_SEED = 2 ** 32;

/** What is rarely asked for, behind one fold; it opens by itself for what is wrong in it. */
export function Advanced({ draft, around, errors }: AdvancedProps) {
  const [isOpen, setIsOpen] = useState(false);
  const set = FIELDS.filter((field) => JSON.stringify(draft[field]) !== JSON.stringify(EMPTY[field])).length;
  const shown = isOpen || FIELDS.some((field) => errors[field]);
  return (
    <details
      open={shown}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
      className="group border-t border-line pt-3"
    >
      <summary className="flex min-h-8 list-none items-center gap-2 text-[13px] font-semibold">
        <ChevronRight className="size-4 text-soft transition-transform group-open:rotate-90" aria-hidden />
        {texts.create.advanced}
        {set > 0 && <Badge tone="accent">{texts.create.changed(set)}</Badge>}
      </summary>
      {shown && (
        <div className="mt-3 grid gap-4">
          <Seed draft={draft} error={errors.seed} />
          {around.model?.capabilities.negative_prompt && (
            <TextField field="negative_prompt" draft={draft} error={errors.negative_prompt} {...texts.create.avoid} />
          )}
          <SamplingFields draft={draft} around={around} errors={errors} />
          <div className="grid grid-cols-2 gap-3">
            <TextField
              field="num_inference_steps"
              draft={draft}
              error={errors.num_inference_steps}
              {...texts.create.steps}
            />
            {around.model?.capabilities.guidance !== "none" && (
              <TextField
                field="guidance_scale"
                draft={draft}
                error={errors.guidance_scale}
                label={texts.create.guidance.label}
                placeholder={String(around.model?.guidance_scale ?? "")}
              />
            )}
          </div>
          {around.model?.scorer && <BestOf draft={draft} around={around} error={errors.best_of ?? errors.keep} />}
          <StageFields draft={draft} error={errors.stages} />
          {!draft.every_type && <FileFields draft={draft} around={around} errors={errors} />}
          <Group label={texts.create.private.label} name="private" hint={texts.create.private.hint}>
            <Checkbox
              label={texts.create.private.choice}
              checked={draft.private}
              onChange={(event) => change({ private: event.currentTarget.checked })}
            />
          </Group>
        </div>
      )}
    </details>
  );
}

function Seed({ draft, error }: { draft: Draft; error: string | undefined }) {
  const own = texts.create.seed;
  return (
    <Field label={own.label} aside={own.aside} name="seed" error={error ?? null}>
      {(given) => (
        <div className="flex gap-1.5">
          <Input
            {...given}
            inputMode="numeric"
            autoComplete="off"
            value={draft.seed}
            onChange={(event) => change({ seed: event.currentTarget.value })}
          />
          <Button
            className="w-10 px-0"
            title={own.random}
            aria-label={own.random}
            onClick={() => change({ seed: String(Math.floor(Math.random() * MOST_SEED)) })}
          >
            <Dices className="size-4" aria-hidden />
          </Button>
        </div>
      )}
    </Field>
  );
}

function BestOf({ draft, around, error }: { draft: Draft; around: Surroundings; error: string | undefined }) {
  const most = limitsOf(around.limits).bestOf;
  const own = texts.create.bestOf;
  const choices = [0, 4, 8, 16].filter((many) => many <= most);
  return (
    <Group
      label={own.label}
      aside={own.aside}
      name="best_of"
      error={error ?? null}
      hint={draft.best_of ? own.keep(draft.keep ?? draft.num_variations) : null}
    >
      <Segments
        label={own.label}
        value={draft.best_of ?? 0}
        onChange={(many) => change({ best_of: many || null, keep: null })}
        choices={choices.map((many) => ({ value: many, label: many ? String(many) : own.off }))}
      />
    </Group>
  );
}
