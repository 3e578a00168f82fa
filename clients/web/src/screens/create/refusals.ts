import type { Problem } from "@/api/problem";

/** The field of the form at which a refusal is shown; empty where it has none there. `loras.0.strength` is at `loras`. */
export const fieldOf = (problem: Problem): string => problem.field?.split(".")[0] ?? "";

/** What the studio said, as a sentence for people: without the field's name, with what is allowed. */
export function sentenceOf(problem: Problem): string {
  const text = problem.message.replace(new RegExp(`^${quoted(problem.field ?? "")}: `), "");
  const missing = (problem.detail?.allowed ?? []).filter((name) => !problem.message.includes(name));
  const allowed = missing.length > 0 ? ` (${missing.join(", ")})` : "";
  return text.charAt(0).toUpperCase() + text.slice(1) + allowed;
}

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
