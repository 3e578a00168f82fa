/** Bodies of entries as JSON, read without trust: another release may have written them. */
export type Body = Readonly<Record<string, unknown>>;

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
export const numberOf = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const bodyOf = (value: unknown): Body =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : {};

/** Words with commas or line ends between. */
export const wordsOf = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter(Boolean);

/** A body without what says nothing, so that a form that was opened and closed changes no hash. */
export function withoutEmpty(body: Body): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => {
      if (value === "" || value === null || value === undefined) return false;
      return !(Array.isArray(value) && value.length === 0);
    }),
  );
}

/** Whether two bodies say the same, in whichever order. */
export const sameBody = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, said]) => [name, sorted(said)]));
}
