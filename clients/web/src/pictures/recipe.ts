/** One line of a recipe as it is shown. */
export interface RecipeLine {
  name: string;
  value: string;
  /** Words of a person, which may be long and in any script. */
  words: boolean;
}

const HIDDEN = new Set(["request"]);
const WORDS = new Set(["prompt", "full_prompt", "negative_prompt"]);

/** A recipe as lines, the plain values first; what is nested is named by its path. */
export function linesOf(recipe: Record<string, unknown>, most = 60): RecipeLine[] {
  const lines: RecipeLine[] = [];
  const walk = (value: unknown, path: readonly string[]) => {
    if (value === null || value === undefined || value === "") return;
    if (Array.isArray(value)) {
      if (value.every((one) => typeof one !== "object" || one === null)) {
        if (value.length > 0) lines.push(line(path, value.map(String).join(", ")));
      } else {
        value.forEach((one, place) => {
          walk(one, [...path, String(place + 1)]);
        });
      }
    } else if (typeof value === "object") {
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
    } else {
      lines.push(line(path, typeof value === "boolean" ? (value ? "yes" : "no") : String(value)));
    }
  };
  for (const [name, value] of Object.entries(recipe)) if (!HIDDEN.has(name)) walk(value, [name]);
  return lines.slice(0, most);
}

function line(path: readonly string[], value: string): RecipeLine {
  const last = path[path.length - 1] ?? "";
  return { name: path.map((part) => part.replaceAll("_", " ")).join(" · "), value, words: WORDS.has(last) };
}
