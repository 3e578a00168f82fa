const LONGEST = 120;

/** What a line of the audit tells of its change, in pairs that people read. */
export function toldOf(told: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(told)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name.replaceAll("_", " "), short(wordsFor(name, value))]);
}

function wordsFor(name: string, value: unknown): string {
  if (typeof value === "string") return name === "sha256" ? value.slice(0, 12) : value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return JSON.stringify(value);
}

const short = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
