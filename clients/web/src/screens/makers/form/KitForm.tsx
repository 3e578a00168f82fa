import { type FormEvent, useState } from "react";

import { Field, Slider } from "@/parts/Field";
import { texts } from "@/texts";
import { sameBody } from "../body";
import { type KitForm as Form, readKit, writeKit } from "../brandKit";
import { KitPreview } from "./KitPreview";
import { Palette } from "./Palette";
import { IdField, Releasing } from "./Releasing";
import { type Edited, errorAt, useSaving } from "./useSaving";
import { Words } from "./Words";

/** A brand kit as a form, with its palette as it will look. */
export function KitForm(edited: Edited) {
  const saving = useSaving("brand-kits", edited);
  const [form, setForm] = useState(() => readKit(edited.base));
  const change = (part: Partial<Form>) => setForm({ ...form, ...part });
  const body = writeKit(edited.base, form);
  const unchanged = edited.newest !== undefined && sameBody(body, edited.base);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.save(body);
  };
  const said = texts.makers.kit;
  const of = (field: string) => errorAt(saving.problem, field);
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
        long
      />
      <Palette palette={form.palette} onChange={(palette) => change({ palette })} error={of("palette")} />
      <KitPreview palette={form.palette} />
      <Words
        label={said.tone}
        hint={said.toneHint}
        value={form.tone}
        onChange={(tone) => change({ tone })}
        error={of("tone")}
      />
      <Words
        label={said.banned}
        hint={said.bannedHint}
        value={form.banned}
        onChange={(banned) => change({ banned })}
        error={of("banned_words")}
        long
      />
      <Field label={said.clearSpace} hint={said.clearSpaceHint} error={of("clear_space")} className="max-w-md">
        {(given) => (
          <Slider
            {...given}
            min={0}
            max={1}
            step={0.01}
            value={form.clearSpace}
            shown={`${Math.round(form.clearSpace * 100)} %`}
            onChange={(clearSpace) => change({ clearSpace })}
          />
        )}
      </Field>
      <Releasing
        saving={saving}
        newest={edited.newest}
        unchanged={unchanged}
        shown={["name", "description", "palette", "tone", "banned_words", "clear_space"]}
      />
    </form>
  );
}
