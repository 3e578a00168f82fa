import type { PaletteEntry } from "@openapi";
import { type Body, bodyOf, listOf, numberOf, textOf, withoutEmpty, wordsOf } from "./body";

export type ColourRole = NonNullable<PaletteEntry["role"]>;
export const ROLES: readonly ColourRole[] = ["primary", "secondary", "accent", "neutral", "ground"];
const TOLERANCE = 0.05;

/** A colour of the form; `key` is its own for as long as the form is open. */
export interface Colour {
  key: number;
  name: string;
  colour: string;
  role: ColourRole;
  tolerance: number;
}

export interface KitForm {
  name: string;
  description: string;
  tone: string;
  clearSpace: number;
  banned: string;
  palette: readonly Colour[];
}

let keys = 0;

export const newColour = (): Colour => ({
  key: keys++,
  name: "",
  colour: "#808080",
  role: "secondary",
  tolerance: TOLERANCE,
});

export function readKit(body: Body): KitForm {
  return {
    name: textOf(body.name),
    description: textOf(body.description),
    tone: textOf(body.tone),
    clearSpace: numberOf(body.clear_space, 0),
    banned: listOf(body.banned_words).map(textOf).join("\n"),
    palette: listOf(body.palette).map((one) => {
      const colour = bodyOf(one);
      return {
        key: keys++,
        name: textOf(colour.name),
        colour: textOf(colour.colour),
        role: ROLES.find((role) => role === colour.role) ?? "primary",
        tolerance: numberOf(colour.tolerance, TOLERANCE),
      };
    }),
  };
}

/** The body of a new version; what the form does not show stays as it was. */
export function writeKit(base: Body, form: KitForm): Record<string, unknown> {
  return withoutEmpty({
    ...base,
    name: form.name.trim(),
    description: form.description.trim(),
    tone: form.tone.trim(),
    clear_space: form.clearSpace === 0 ? null : form.clearSpace,
    banned_words: wordsOf(form.banned),
    palette: form.palette.map(({ name, colour, role, tolerance }) => ({
      name: name.trim(),
      colour: colour.toLowerCase(),
      ...(role === "primary" ? {} : { role }),
      ...(tolerance === TOLERANCE ? {} : { tolerance }),
    })),
  });
}

/** What subjects lie on: the first ground, or white. */
export const groundOf = (palette: readonly { colour: string; role?: string }[]): string =>
  palette.find((one) => one.role === "ground")?.colour ?? "#ffffff";
