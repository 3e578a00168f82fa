import { type Body, bodyOf, listOf, textOf, withoutEmpty, wordsOf } from "./body";

export const FORMATS = ["png", "webp", "svg", "jpeg", "avif", "pdf"] as const;

export interface Slot {
  key: number;
  name: string;
  description: string;
  choices: string;
  required: boolean;
  /** What the form does not show. */
  rest: Body;
}

export interface Style {
  key: number;
  id: string;
  name: string;
  words: string;
  negative: string;
  /** What the form does not show. */
  rest: Body;
}

export interface TypeForm {
  name: string;
  description: string;
  template: string;
  negative: string;
  slots: readonly Slot[];
  styles: readonly Style[];
  defaultStyle: string;
  sizes: string;
  defaultSize: string;
  formats: readonly string[];
  kit: string;
}

let keys = 0;

export const newSlot = (): Slot => ({ key: keys++, name: "", description: "", choices: "", required: false, rest: {} });
export const newStyle = (): Style => ({ key: keys++, id: "", name: "", words: "", negative: "", rest: {} });

export function readType(body: Body): TypeForm {
  return {
    name: textOf(body.name),
    description: textOf(body.description),
    template: textOf(body.prompt_template),
    negative: textOf(body.negative_prompt),
    slots: Object.entries(bodyOf(body.slots)).map(([name, value]) => {
      const slot = bodyOf(value);
      return {
        key: keys++,
        name,
        description: textOf(slot.description),
        choices: listOf(slot.choices).map(textOf).join(", "),
        required: slot.required === true,
        rest: slot,
      };
    }),
    styles: Object.entries(bodyOf(body.styles)).map(([id, value]) => {
      const style = bodyOf(value);
      return {
        key: keys++,
        id,
        name: textOf(style.name),
        words: textOf(style.words),
        negative: textOf(style.negative_prompt),
        rest: style,
      };
    }),
    defaultStyle: textOf(body.default_style),
    sizes: listOf(body.sizes).map(textOf).join(", "),
    defaultSize: textOf(body.default_size),
    formats: listOf(body.formats).map(textOf),
    kit: textOf(body.brand_kit),
  };
}

/** The body of a new version; stages, terms of models and what else the form does not show stay as they were. */
export function writeType(base: Body, form: TypeForm): Record<string, unknown> {
  return withoutEmpty({
    ...base,
    name: form.name.trim(),
    description: form.description.trim(),
    prompt_template: form.template.trim(),
    negative_prompt: form.negative.trim(),
    slots: byName(form.slots, (slot) => [
      slot.name.trim(),
      withoutEmpty({
        ...slot.rest,
        description: slot.description.trim(),
        choices: wordsOf(slot.choices),
        required: slot.required || null,
      }),
    ]),
    styles: byName(form.styles, (style) => [
      style.id.trim(),
      withoutEmpty({
        ...style.rest,
        name: style.name.trim(),
        words: style.words.trim(),
        negative_prompt: style.negative.trim(),
      }),
    ]),
    default_style: form.defaultStyle,
    sizes: wordsOf(form.sizes),
    default_size: form.defaultSize,
    formats: form.formats,
    brand_kit: form.kit,
  });
}

/** The ids of a style's LoRAs, each once, whichever models draw with them. */
export const lorasOf = (style: Style): string[] => [
  ...new Set(
    Object.values(bodyOf(style.rest.loras))
      .flatMap(listOf)
      .map((lora) => textOf(bodyOf(lora).id)),
  ),
];

function byName<T>(all: readonly T[], of: (one: T) => [string, unknown]): Body | null {
  return all.length === 0 ? null : Object.fromEntries(all.map(of));
}
