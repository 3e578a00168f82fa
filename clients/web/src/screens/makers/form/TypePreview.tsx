import { useState } from "react";
import { Select } from "@/parts/Field";
import { texts } from "@/texts";
import type { TypeForm } from "../assetType";
import { wordsOf } from "../body";
import { fill } from "../template";

/** What is drawn for a subject, in the words of the template, the chosen style and each slot's first choice. */
export function TypePreview({ form }: { form: TypeForm }) {
  const said = texts.makers.type;
  const [chosen, setChosen] = useState("");
  const style = form.styles.find((one) => one.id === (chosen || form.defaultStyle));
  const slots = form.slots.map((slot) => [slot.name, wordsOf(slot.choices)[0] ?? ""]);
  const words = {
    subject: said.subject,
    prompt: said.subject,
    style: style?.words ?? "",
    ...Object.fromEntries(slots),
  };
  const negative = [form.negative, style?.negative].filter(Boolean).join(", ");
  return (
    <section aria-label={texts.makers.form.preview} className="grid gap-2 rounded-2xl bg-well px-5 py-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-[13px] text-soft">{said.previewLead}</p>
        {form.styles.length > 0 && (
          <Select
            aria-label={said.styles}
            className="w-auto"
            value={chosen || form.defaultStyle}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            <option value="">{said.noStyle}</option>
            {form.styles.map((one) => (
              <option key={one.key} value={one.id}>
                {one.name || one.id}
              </option>
            ))}
          </Select>
        )}
      </div>
      <p className="leading-relaxed break-words" dir="auto">
        {fill(form.template, words)}
      </p>
      {negative && (
        <p className="text-[13px] break-words text-soft" dir="auto">
          {said.previewNegative}: {negative}
        </p>
      )}
    </section>
  );
}
