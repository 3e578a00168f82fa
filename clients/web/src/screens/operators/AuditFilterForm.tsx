import { type FormEvent, useState } from "react";
import type { AuditFilter } from "@/api/audit";
import { Button } from "@/parts/Button";
import { Field, Input, Select } from "@/parts/Field";
import { texts } from "@/texts";
import { readAuditSearch } from "./search";

interface AuditFilterFormProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

/** What of the audit is looked at. Choices count at once, words when they are entered. */
export function AuditFilterForm({ filter, onChange }: AuditFilterFormProps) {
  const [form, setForm] = useState(filter);
  const said = texts.operators.audit;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(readAuditSearch({ ...form }));
  };
  const choose = (part: AuditFilter) => onChange(readAuditSearch({ ...form, ...part }));
  return (
    <form onSubmit={submit} className="mb-6 flex flex-wrap items-end gap-3">
      <Field label={said.action} className="w-44">
        {(given) => (
          <Select
            {...given}
            value={form.action ?? ""}
            onChange={(event) => choose({ action: event.currentTarget.value })}
          >
            <option value="">{said.anything}</option>
            {form.action && !(form.action in said.groups) && <option value={form.action}>{form.action}</option>}
            {Object.entries(said.groups).map(([group, label]) => (
              <option key={group} value={group}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {(["who", "on"] as const).map((name) => (
        <Field key={name} label={said[name]} className="w-44">
          {(given) => (
            <Input
              {...given}
              placeholder={name === "who" ? said.whoHint : said.onHint}
              value={form[name] ?? ""}
              onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      {(["from", "to"] as const).map((name) => (
        <Field key={name} label={said[name]} className="w-40">
          {(given) => (
            <Input
              {...given}
              type="date"
              value={form[name]?.slice(0, 10) ?? ""}
              onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Button type="submit">{texts.operators.quotas.look}</Button>
      {Object.keys(filter).length > 0 && (
        <Button look="quiet" onClick={() => onChange({})}>
          {said.clear}
        </Button>
      )}
    </form>
  );
}
