import { useQuery } from "@tanstack/react-query";
import { assetTypesQuery, lorasQuery, modelsQuery } from "@/api/catalogue";
import { Field, Input } from "@/parts/Field";
import { texts } from "@/texts";
import { Choices } from "./Choices";
import { type Draft, seedsOf } from "./draft";

const said = texts.batch.compose;

/** What every row is drawn with each of. */
export function Sweep({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const types = useQuery(assetTypesQuery).data;
  const models = useQuery(modelsQuery).data?.models ?? [];
  const loras = useQuery(lorasQuery).data?.loras ?? [];
  return (
    <div className="grid gap-4">
      <div>
        <h2 className="text-[13px] font-semibold">{said.sweep}</h2>
        <p className="text-xs text-soft">{said.sweepHint}</p>
      </div>
      <Choices
        label={said.assetTypes}
        choices={types?.asset_types ?? []}
        chosen={draft.assetTypes}
        onChange={(assetTypes) => onChange({ assetTypes })}
      />
      <Choices
        label={said.qualities}
        choices={types?.qualities ?? []}
        chosen={draft.qualities}
        onChange={(qualities) => onChange({ qualities })}
      />
      {models.length > 1 && (
        <Choices
          label={said.models}
          choices={models}
          chosen={draft.models}
          onChange={(now) => onChange({ models: now })}
        />
      )}
      {loras.length > 0 && (
        <Field label={said.loras} hint={said.lorasHint} name="loras">
          {(given) => (
            <Input
              {...given}
              placeholder={loras.map((lora) => lora.id).join(", ")}
              value={draft.loras}
              onChange={(event) => onChange({ loras: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <Field
        label={said.seeds}
        hint={said.seedsHint}
        error={seedsOf(draft.seeds) === null ? said.seedsWrong : null}
        name="seeds"
      >
        {(given) => (
          <Input
            {...given}
            inputMode="numeric"
            value={draft.seeds}
            onChange={(event) => onChange({ seeds: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}
