import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { brandKitsQuery } from "@/api/catalogue";
import { Checkbox, Field, Group, Select } from "@/parts/Field";
import { texts } from "@/texts";
import { FORMATS, type TypeForm as Form, readType, writeType } from "../assetType";
import { sameBody, wordsOf } from "../body";
import { hasSubject, undescribed } from "../template";
import { IdField, Releasing } from "./Releasing";
import { Slots, Styles } from "./SlotsAndStyles";
import { TypePreview } from "./TypePreview";
import { type Edited, errorAt, useSaving } from "./useSaving";
import { Words } from "./Words";

/** An asset type as a form, with what its template makes of a subject. */
export function TypeForm(edited: Edited) {
  const saving = useSaving("asset-types", edited);
  const [form, setForm] = useState(() => readType(edited.base));
  const change = (part: Partial<Form>) => setForm({ ...form, ...part });
  const body = writeType(edited.base, form);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.save(body);
  };
  const of = (field: string) => errorAt(saving.problem, field);
  const said = texts.makers.type;
  return (
    <form onSubmit={submit} className="grid gap-6">
      {!edited.id && <IdField saving={saving} />}
      <Words
        label={texts.makers.form.name}
        value={form.name}
        onChange={(name) => change({ name })}
        error={of("name")}
        required
      />
      <Words
        label={texts.makers.form.description}
        value={form.description}
        onChange={(description) => change({ description })}
        error={of("description")}
        required
      />
      <Words
        label={said.template}
        hint={said.templateHint}
        value={form.template}
        onChange={(template) => change({ template })}
        error={of("prompt_template") ?? templateProblem(form)}
        long
        required
      />
      <TypePreview form={form} />
      <Slots slots={form.slots} onChange={(slots) => change({ slots })} error={of("slots")} />
      <Styles styles={form.styles} onChange={(styles) => change({ styles })} error={of("styles")} />
      <Words
        label={said.negative}
        value={form.negative}
        onChange={(negative) => change({ negative })}
        error={of("negative_prompt")}
        long
      />
      <Choices form={form} change={change} of={of} />
      <Releasing
        saving={saving}
        newest={edited.newest}
        unchanged={edited.newest !== undefined && sameBody(body, edited.base)}
        shown={SHOWN}
      />
    </form>
  );
}

const SHOWN = [
  "name",
  "description",
  "prompt_template",
  "slots",
  "styles",
  "negative_prompt",
  "default_style",
  "sizes",
  "default_size",
  "formats",
  "brand_kit",
];

function templateProblem({ template, slots }: Form): string | null {
  if (template === "") return null;
  if (!hasSubject(template)) return texts.makers.type.noSubject;
  const [missing] = undescribed(
    template,
    slots.map((slot) => slot.name),
  );
  return missing === undefined ? null : texts.makers.type.missing(missing);
}

interface ChoicesProps {
  form: Form;
  change: (part: Partial<Form>) => void;
  of: (field: string) => string | null;
}

function Choices({ form, change, of }: ChoicesProps) {
  const said = texts.makers.type;
  const kits = useQuery(brandKitsQuery).data?.brand_kits ?? [];
  const choose = (format: string, on: boolean) =>
    change({ formats: on ? [...form.formats, format] : form.formats.filter((one) => one !== format) });
  return (
    <div className="grid gap-6 sm:grid-cols-2">
      <Choice
        label={said.defaultStyle}
        value={form.defaultStyle}
        none={said.noStyle}
        choices={form.styles.map(({ id, name }) => ({ id, name }))}
        error={of("default_style")}
        onChange={(defaultStyle) => change({ defaultStyle })}
      />
      <Choice
        label={said.kit}
        value={form.kit}
        none={said.noKit}
        choices={kits}
        error={of("brand_kit")}
        onChange={(kit) => change({ kit })}
      />
      <Words
        label={said.sizes}
        hint={said.sizesHint}
        value={form.sizes}
        onChange={(sizes) => change({ sizes })}
        error={of("sizes")}
        required
      />
      <Choice
        label={said.defaultSize}
        value={form.defaultSize}
        choices={wordsOf(form.sizes).map((id) => ({ id, name: id }))}
        error={of("default_size")}
        onChange={(defaultSize) => change({ defaultSize })}
      />
      <Group label={said.formats} error={of("formats")} className="sm:col-span-2">
        <div className="flex flex-wrap gap-x-5 gap-y-1">
          {FORMATS.map((format) => (
            <Checkbox
              key={format}
              label={format.toUpperCase()}
              checked={form.formats.includes(format)}
              onChange={(event) => choose(format, event.currentTarget.checked)}
            />
          ))}
        </div>
      </Group>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** What the choice of nothing is called, where it is one. */
  none?: string;
  choices: readonly { id: string; name: string }[];
  error: string | null;
  onChange: (value: string) => void;
}

function Choice({ label, value, none, choices, error, onChange }: ChoiceProps) {
  const unknown = value !== "" && !choices.some((one) => one.id === value);
  return (
    <Field label={label} error={error} className="content-start">
      {(given) => (
        <Select {...given} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {(none !== undefined || value === "") && <option value="">{none}</option>}
          {unknown && <option value={value}>{value}</option>}
          {choices.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name || one.id}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
