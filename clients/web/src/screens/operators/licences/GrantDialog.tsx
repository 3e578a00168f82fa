import type { LicenceLine } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { recordGrant } from "@/api/licences";
import { asProblem } from "@/api/problem";
import { spacesQuery } from "@/api/spaces";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox, Field, Group, Input, Select } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { type GrantForm, grantWish, PURPOSES } from "../grant";

const EMPTY: GrantForm = {
  covers: "licence",
  licence: "",
  component: "",
  purposes: ["internal", "product"],
  reference: "",
  space: "",
  since: "",
  until: "",
};

/** Records a licence that was bought. */
export function GrantDialog({ licences, onClose }: { licences: readonly LicenceLine[]; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const spaces = useQuery(spacesQuery).data?.spaces ?? [];
  const [form, setForm] = useState(EMPTY);
  const change = (part: Partial<GrantForm>) => setForm({ ...form, ...part });
  const said = texts.operators.licences;
  const recording = useMutation({
    mutationFn: () => recordGrant(grantWish(form)),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["licences"] });
      toast(said.saved);
      onClose();
    },
  });
  const problem = recording.error ? asProblem(recording.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    recording.mutate();
  };
  const components = [...new Set(licences.flatMap((line) => (line.used_by ?? []).map((one) => one.component)))].sort();
  return (
    <Dialog
      open
      onClose={onClose}
      title={said.record}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={id} look="primary" disabled={recording.isPending || form.purposes.length === 0}>
            {said.save}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="grid gap-5">
        <Group label={said.covers}>
          <Segments
            label={said.covers}
            value={form.covers}
            onChange={(covers) => change({ covers })}
            choices={[
              { value: "licence", label: said.coversLicence },
              { value: "component", label: said.coversComponent },
            ]}
          />
        </Group>
        <Choice
          label={form.covers === "licence" ? said.licence : said.component}
          value={form[form.covers]}
          onChange={(value) => change({ [form.covers]: value })}
          choices={form.covers === "licence" ? licences : components.map((one) => ({ id: one, name: one }))}
          required
        />
        <Field label={said.reference} hint={said.referenceHint}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              value={form.reference}
              maxLength={500}
              onChange={(event) => change({ reference: event.currentTarget.value })}
              required
            />
          )}
        </Field>
        <Group label={said.purpose}>
          <div className="flex flex-wrap gap-x-5">
            {PURPOSES.map((purpose) => (
              <Checkbox
                key={purpose}
                label={said.purposes[purpose]}
                checked={form.purposes.includes(purpose)}
                onChange={(event) =>
                  change({
                    purposes: PURPOSES.filter((one) =>
                      one === purpose ? event.currentTarget.checked : form.purposes.includes(one),
                    ),
                  })
                }
              />
            ))}
          </div>
        </Group>
        <div className="grid gap-5 sm:grid-cols-2">
          <Day label={said.sinceLabel} value={form.since} onChange={(since) => change({ since })} />
          <Day label={said.untilLabel} value={form.until} onChange={(until) => change({ until })} />
        </div>
        <Choice
          label={said.space}
          value={form.space}
          onChange={(space) => change({ space })}
          choices={spaces.map((space) => ({ id: space.id, name: space.name || space.id }))}
          none={said.everywhere}
        />
        <Refusal error={problem} onRetry={() => recording.mutate()} />
      </form>
    </Dialog>
  );
}

interface DayProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function Day({ label, value, onChange }: DayProps) {
  return (
    <Field label={label} hint={texts.operators.licences.datesHint}>
      {(given) => (
        <Input {...given} type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
    </Field>
  );
}

interface ChoiceProps extends DayProps {
  choices: readonly { id: string; name: string }[];
  none?: string;
  required?: boolean;
}

function Choice({ label, value, onChange, choices, none = "", required }: ChoiceProps) {
  return (
    <Field label={label}>
      {(given) => (
        <Select {...given} value={value} required={required} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{none}</option>
          {choices.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
