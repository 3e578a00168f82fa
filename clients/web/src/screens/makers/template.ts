const SLOT = /\{([^{}]*)\}/g;
/** Slots that every template may have: the designer's words, those of a style, and those of a brand kit. */
const OWN = new Set(["subject", "prompt", "style", "tone"]);

/** The names in braces, each once. */
export const slotsOf = (template: string): string[] => [
  ...new Set([...template.matchAll(SLOT)].map((one) => one[1] ?? "")),
];

/** Slots that a template asks for and nobody describes. */
export const undescribed = (template: string, described: readonly string[]): string[] =>
  slotsOf(template).filter((name) => !OWN.has(name) && !described.includes(name));

/** Whether there is one place for the designer's words, as there must be. */
export const hasSubject = (template: string): boolean => [...template.matchAll(/\{(subject|prompt)\}/g)].length === 1;

/** What is drawn: phrases between commas, without those of which a slot is empty. */
export function fill(template: string, words: Readonly<Record<string, string>>): string {
  return template
    .split(",")
    .filter((phrase) => slotsOf(phrase).every((name) => words[name]))
    .map((phrase) => phrase.replace(SLOT, (_, name: string) => words[name] ?? "").trim())
    .filter(Boolean)
    .join(", ");
}
