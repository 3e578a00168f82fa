import type { ModelBody } from "@openapi";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/parts/Badge";
import { Dialog } from "@/parts/Dialog";
import { Group } from "@/parts/Field";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { texts } from "@/texts";
import { usualModel } from "../abilities";
import type { Draft } from "../draft";
import { change } from "../form";

interface ModelFieldProps {
  draft: Draft;
  models: readonly ModelBody[];
  model: ModelBody | undefined;
  error: string | undefined;
}

/** The model, with what its pictures may be used for; pressed, all that there are. */
export function ModelField({ draft, models, model, error }: ModelFieldProps) {
  const [open, setOpen] = useState(false);
  const gone = draft.model !== null && !model ? texts.create.model.gone(draft.model) : null;
  return (
    <Group label={texts.create.model.label} name="model" error={error ?? gone}>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={`${texts.create.model.choose}: ${model?.name ?? draft.model ?? texts.create.model.usual}`}
        className="flex min-h-10 w-full items-center gap-2.5 rounded-lg border border-edge bg-paper px-3 py-1.5 text-left text-sm hover:border-accent"
        onClick={() => setOpen(true)}
      >
        <span className="min-w-0 flex-1 truncate font-medium">{model?.name ?? draft.model}</span>
        {model && <LicenceBadge licence={model.licence} />}
        <ChevronDown className="size-4 shrink-0 text-soft" aria-hidden />
      </button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={texts.create.model.title}
        description={texts.create.model.lead}
      >
        <ul className="grid gap-2">
          {models.map((one) => (
            <li key={one.id}>
              <ModelCard
                model={one}
                chosen={one.id === model?.id}
                quality={draft.quality}
                onChoose={() => {
                  change({ model: one.id === usualModel(models)?.id ? null : one.id });
                  setOpen(false);
                }}
              />
            </li>
          ))}
        </ul>
      </Dialog>
    </Group>
  );
}

interface ModelCardProps {
  model: ModelBody;
  chosen: boolean;
  quality: string;
  onChoose: () => void;
}

function ModelCard({ model, chosen, quality, onChoose }: ModelCardProps) {
  const { licence } = model;
  const steps = model.steps[quality];
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className="grid w-full gap-2 rounded-xl border border-line p-4 text-left hover:border-edge aria-pressed:border-accent aria-pressed:bg-wash"
    >
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-[15px] font-semibold">{model.name}</span>
        <LicenceBadge licence={licence} />
        <span className="ml-auto text-xs text-soft tabular-nums">{factsOf(model, steps).join(" · ")}</span>
      </span>
      <span className="text-[13px] text-soft">{model.description}</span>
      <span className="flex flex-wrap gap-1">
        {abilitiesOf(model).map((ability) => (
          <Badge key={ability} className={chosen ? "bg-sheet" : ""}>
            {ability}
          </Badge>
        ))}
      </span>
      <span className="text-[13px]">{licence.notice.sentence}</span>
    </button>
  );
}

function factsOf(model: ModelBody, steps: number | undefined): string[] {
  const can = model.capabilities.steps;
  return [
    model.family,
    steps === undefined ? texts.create.model.steps(can.fewest, can.most) : texts.create.model.steps(steps, steps),
    ...(model.vram_gb ? [texts.create.model.memory(model.vram_gb)] : []),
  ];
}

function abilitiesOf({ capabilities: can, scorer }: ModelBody): string[] {
  const words = texts.create.model.can;
  return [
    ...(["img2img", "inpaint", "edit"] as const).filter((mode) => can.modes.includes(mode)).map((mode) => words[mode]),
    ...(can.lora ? [words.lora] : []),
    ...(can.controls.length > 0 ? [words.controls] : []),
    ...(can.image_prompt ? [words.image_prompt] : []),
    ...(can.negative_prompt ? [words.negative_prompt] : []),
    ...(scorer ? [words.scorer] : []),
  ];
}
