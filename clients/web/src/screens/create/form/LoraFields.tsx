import type { LoraBody } from "@openapi";
import { X } from "lucide-react";
import { announce } from "@/live/announcements";
import { Button } from "@/parts/Button";
import { Group, Select, Slider } from "@/parts/Field";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { texts } from "@/texts";
import { fittingLoras, limitsOf } from "../abilities";
import type { Draft, LoraChoice } from "../draft";
import { change } from "../form";
import { loraIn } from "../lora";
import type { Surroundings } from "../request";
import { LoraVersion } from "./LoraVersion";

interface LoraFieldsProps {
  draft: Draft;
  around: Surroundings;
  error: string | undefined;
}

/** Styles and subjects that the model learned later, each with its strength. */
export function LoraFields({ draft, around, error }: LoraFieldsProps) {
  const fitting = fittingLoras(around.loras, around.model);
  if (fitting.length === 0) return null;
  const used = draft.loras.flatMap((use) => {
    const lora = fitting.find((one) => one.id === loraIn(use.id));
    return lora ? [{ use, lora }] : [];
  });
  const left = fitting.filter((lora) => !used.some(({ use }) => loraIn(use.id) === lora.id));
  const set = (id: string, now: Partial<LoraChoice>) =>
    change({ loras: draft.loras.map((use) => (use.id === id ? { ...use, ...now } : use)) });
  const add = (id: string) => {
    const lora = fitting.find((one) => one.id === id);
    if (!lora) return;
    change({ loras: [...draft.loras, { id, strength: lora.default_strength }] });
    announce(lora.name);
  };
  return (
    <Group label={texts.create.loras.label} name="loras" error={error ?? null}>
      {used.length > 0 && (
        <ul className="grid gap-2">
          {used.map(({ use, lora }) => (
            <Lora key={lora.id} use={use} lora={lora} draft={draft} onChange={(now) => set(use.id, now)} />
          ))}
        </ul>
      )}
      {left.length > 0 && used.length < limitsOf(around.limits).loras && (
        <Select aria-label={texts.create.loras.add} value="" onChange={(event) => add(event.currentTarget.value)}>
          <option value="">{texts.create.loras.add}</option>
          {left.map((lora) => (
            <option key={lora.id} value={lora.id}>
              {lora.name}
            </option>
          ))}
        </Select>
      )}
    </Group>
  );
}

interface LoraProps {
  use: LoraChoice;
  lora: LoraBody;
  draft: Draft;
  onChange: (now: Partial<LoraChoice>) => void;
}

function Lora({ use, lora, draft, onChange }: LoraProps) {
  return (
    <li className="rounded-lg border border-line px-3 py-2">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-[13px] font-medium" title={lora.description || lora.name}>
          {lora.name}
        </span>
        <LoraVersion lora={lora} named={use.id} onChange={(id) => onChange({ id })} />
        <LicenceBadge licence={lora.licence} />
        <Button
          look="quiet"
          size="icon"
          aria-label={texts.create.loras.remove(lora.name)}
          onClick={() => change({ loras: draft.loras.filter((one) => one.id !== use.id) })}
        >
          <X className="size-4" aria-hidden />
        </Button>
      </div>
      <Slider
        aria-label={texts.create.loras.strength(lora.name)}
        min={-2}
        max={2}
        step={0.05}
        value={use.strength}
        onChange={(strength) => onChange({ strength })}
        shown={use.strength.toFixed(2)}
      />
      {lora.trigger_words.length > 0 && (
        <p className="text-xs text-soft">{texts.create.loras.triggers(lora.trigger_words.join(", "))}</p>
      )}
    </li>
  );
}
