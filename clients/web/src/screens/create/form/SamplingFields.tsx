import { Field, Select } from "@/parts/Field";
import { texts } from "@/texts";
import { samplingOf } from "../abilities";
import type { Draft } from "../draft";
import { change } from "../form";
import type { Surroundings } from "../request";

interface SamplingFieldsProps {
  draft: Draft;
  around: Surroundings;
  errors: Readonly<Record<string, string>>;
}

/** The sampler and where its steps lie, offered where the model leaves a choice. */
export function SamplingFields({ draft, around, errors }: SamplingFieldsProps) {
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
