import { type Body, bodyOf, listOf, numberOf, textOf } from "@/screens/makers/body";

/** At which strength an asset type brings a LoRA to a family; null where it does not. */
export function strengthIn(body: Body, family: string, lora: string): number | null {
  const found = listOf(bodyOf(bodyOf(body.families)[family]).loras)
    .map(bodyOf)
    .find((one) => textOf(one.id) === lora);
  return found ? numberOf(found.strength, 1) : null;
}

/** The same asset type, bringing the LoRA to a family, and all else as it was. */
export function bringing(body: Body, family: string, lora: string, strength: number): Record<string, unknown> {
  const families = bodyOf(body.families);
  const terms = bodyOf(families[family]);
  const others = listOf(terms.loras).filter((one) => textOf(bodyOf(one).id) !== lora);
  const { id: _, version: __, ...rest } = body;
  const loras = [...others, { id: lora, strength: Math.round(strength * 1000) / 1000 }];
  return { ...rest, families: { ...families, [family]: { ...terms, loras } } };
}
