import { useQuery } from "@tanstack/react-query";
import { lorasQuery } from "@/api/catalogue";
import { versionsQuery } from "@/api/library";
import { Field, Select, Slider } from "@/parts/Field";
import { loraIn, pinned, versionIn } from "@/screens/create/lora";
import { texts } from "@/texts";
import type { WayDraft } from "./draft";

interface LoraOfWayProps {
  way: WayDraft;
  onChange: (part: Partial<WayDraft>) => void;
}

/** The LoRA that a way draws with, in what is live of it or in one version, which may never have been live. */
export function LoraOfWay({ way, onChange }: LoraOfWayProps) {
  const words = texts.judge.newExperiment;
  const live = useQuery(lorasQuery).data?.loras ?? [];
  const id = loraIn(way.lora);
  const loras = id && !live.some((lora) => lora.id === id) ? [...live, { id, name: id }] : live;
  if (loras.length === 0) return null;
  return (
    <>
      <Field label={words.lora}>
        {(given) => (
          <Select {...given} value={id} onChange={(event) => onChange({ lora: event.currentTarget.value })}>
            <option value="">{words.noLora}</option>
            {loras.map((lora) => (
              <option key={lora.id} value={lora.id}>
                {lora.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {id && <Version id={id} named={way.lora} onChange={(lora) => onChange({ lora })} />}
      {id && (
        <Field label={words.strength}>
          {(given) => (
            <Slider
              {...given}
              min={0}
              max={2}
              step={0.05}
              value={way.strength}
              onChange={(strength) => onChange({ strength })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Version({ id, named, onChange }: { id: string; named: string; onChange: (named: string) => void }) {
  const words = texts.judge.newExperiment;
  const versions = useQuery(versionsQuery("loras", id)).data?.versions ?? [];
  const known = versionIn(named);
  const numbers = versions.map(({ version }) => version);
  const shown = known && !numbers.includes(known) ? [known, ...numbers] : numbers;
  return (
    <Field label={words.loraVersion}>
      {(given) => (
        <Select
          {...given}
          value={known ?? ""}
          onChange={(event) => onChange(pinned(id, event.currentTarget.value || null))}
        >
          <option value="">{words.liveVersion}</option>
          {shown.map((version) => (
            <option key={version} value={version}>
              {version}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
