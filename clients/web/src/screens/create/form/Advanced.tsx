import type { StageSettings } from "@openapi";
import { ChevronRight, Dices } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Checkbox, Field, Group, Input, Select } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";
import { limitsOf, samplingOf } from "../abilities";
import { type Draft, EMPTY, type Format } from "../draft";
import { change } from "../form";
import type { Surroundings } from "../request";

interface AdvancedProps {
  draft: Draft;
  around: Surroundings;
  errors: Readonly<Record<string, string>>;
}

/** The fields behind the fold. */
const FIELDS = [
  ...(["seed", "negative_prompt", "sampler", "schedule", "num_inference_steps", "guidance_scale"] as const),
  ...(["best_of", "keep", "formats", "sizes", "stages"] as const),
];
const FORMATS: readonly Format[] = ["png", "webp", "jpeg", "avif", "svg", "pdf"];
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
            <Text field="negative_prompt" draft={draft} error={errors.negative_prompt} {...texts.create.avoid} />
          )}
          <Sampling draft={draft} around={around} errors={errors} />
          <div className="grid grid-cols-2 gap-3">
            <Text
              field="num_inference_steps"
              draft={draft}
              error={errors.num_inference_steps}
              {...texts.create.steps}
            />
            {around.model?.capabilities.guidance !== "none" && (
              <Text
                field="guidance_scale"
                draft={draft}
                error={errors.guidance_scale}
                label={texts.create.guidance.label}
                placeholder={String(around.model?.guidance_scale ?? "")}
              />
            )}
          </div>
          {around.model?.scorer && <BestOf draft={draft} around={around} error={errors.best_of ?? errors.keep} />}
          <Stages draft={draft} error={errors.stages} />
          {!draft.every_type && <Files draft={draft} around={around} errors={errors} />}
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

interface TextProps {
  field: "negative_prompt" | "num_inference_steps" | "guidance_scale" | "sizes";
  draft: Draft;
  error: string | undefined;
  label: string;
  aside?: string;
  placeholder?: string;
}

function Text({ field, draft, error, label, aside, placeholder }: TextProps) {
  const isNumber = field === "num_inference_steps" || field === "guidance_scale";
  return (
    <Field
      label={label}
      name={field}
      error={error ?? null}
      hint={isNumber ? aside : null}
      aside={isNumber ? null : aside}
    >
      {(given) => (
        <Input
          {...given}
          dir="auto"
          autoComplete="off"
          {...(isNumber ? { inputMode: "decimal" as const } : {})}
          placeholder={placeholder}
          value={draft[field]}
          onChange={(event) => change({ [field]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

/** Offered where the model leaves a choice. */
function Sampling({ draft, around, errors }: AdvancedProps) {
  const { samplers, schedules, usualSchedule } = samplingOf(draft, around.model);
  const usual = around.model?.capabilities.samplers.find((one) => one.id === around.model?.sampler)?.name;
  const named = (id: string) => id.replaceAll("_", " ");
  return (
    <>
      {samplers.length > 0 && (
        <Field label={texts.create.sampler} name="sampler" error={errors.sampler ?? null}>
          {(given) => (
            <Select
              {...given}
              value={samplers.some((one) => one.id === draft.sampler) ? draft.sampler : ""}
              onChange={(event) => change({ sampler: event.currentTarget.value })}
            >
              <option value="">{usual ? texts.create.usualIs(usual) : texts.create.usual}</option>
              {samplers.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {schedules.length > 0 && (
        <Field
          label={texts.create.schedule.label}
          aside={texts.create.schedule.aside}
          name="schedule"
          error={errors.schedule ?? null}
        >
          {(given) => (
            <Select
              {...given}
              value={schedules.includes(draft.schedule) ? draft.schedule : ""}
              onChange={(event) => change({ schedule: event.currentTarget.value })}
            >
              <option value="">
                {usualSchedule ? texts.create.usualIs(named(usualSchedule)) : texts.create.usual}
              </option>
              {schedules.map((id) => (
                <option key={id} value={id}>
                  {named(id)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </>
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

/** Stages beyond the usual ones; what was said of others, such as by a recipe, stays. */
function Stages({ draft, error }: { draft: Draft; error: string | undefined }) {
  const own = texts.create.stages;
  const { upscale, cut_out, palette } = draft.stages;
  const set = <K extends keyof StageSettings>(kind: K, settings: StageSettings[K] | undefined) => {
    const { [kind]: _, ...others } = draft.stages;
    change({ stages: settings === undefined ? others : { ...others, [kind]: settings } });
  };
  const factor = upscale === undefined || upscale === null ? 0 : upscale === false ? 1 : (upscale.factor ?? 0);
  const mode = palette === undefined || palette === null ? "" : palette === false ? "off" : palette.mode;
  return (
    <div className="grid gap-4" data-field="stages">
      <Group label={own.upscale}>
        <Segments<number>
          label={own.upscale}
          value={factor}
          onChange={(times) => set("upscale", times === 0 ? undefined : { factor: times as 1 | 2 | 4 })}
          choices={[0, 1, 2, 4].map((times) => ({
            value: times,
            label: times === 0 ? texts.create.usual : own.times(times),
          }))}
        />
      </Group>
      <Field label={own.palette}>
        {(given) => (
          <Select
            {...given}
            value={mode === "auto" ? "" : mode}
            onChange={({ currentTarget: { value } }) => set("palette", paletteOf(value))}
          >
            <option value="">{texts.create.usual}</option>
            {(["soft", "snap", "off"] as const).map((one) => (
              <option key={one} value={one}>
                {own.paletteModes[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Checkbox
        label={own.cutOut}
        checked={Boolean(cut_out)}
        onChange={(event) => set("cut_out", event.currentTarget.checked ? { holes: false, method: "auto" } : undefined)}
      />
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

function paletteOf(value: string): StageSettings["palette"] | undefined {
  if (value === "off") return false;
  return value === "soft" || value === "snap" ? { mode: value, strength: 1 } : undefined;
}

function Files({ draft, around, errors }: AdvancedProps) {
  const chosen = draft.formats ?? [];
  const usual = around.assetType?.formats ?? [];
  const toggle = (format: Format) => {
    const now = chosen.includes(format) ? chosen.filter((one) => one !== format) : [...chosen, format];
    change({ formats: now.length > 0 ? now : null });
  };
  return (
    <>
      <Group
        label={texts.create.formats.label}
        aside={texts.create.formats.aside}
        name="formats"
        error={errors.formats ?? null}
        hint={chosen.length === 0 ? texts.create.usualIs(usual.map((one) => one.toUpperCase()).join(", ")) : null}
      >
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {FORMATS.map((format) => (
            <Checkbox
              key={format}
              label={format.toUpperCase()}
              checked={chosen.includes(format)}
              onChange={() => toggle(format)}
            />
          ))}
        </div>
      </Group>
      <Text field="sizes" draft={draft} error={errors.sizes} {...texts.create.sizes} />
    </>
  );
}
