/** The prompts that were sent from this browser, newest first, so that Alt and an arrow walk through them. */
const KEY = "atelier.prompts";
const MOST = 100;

export function readPrompts(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

/** The list with a prompt at its head, once. */
export const withPrompt = (prompts: readonly string[], prompt: string): string[] =>
  [prompt, ...prompts.filter((one) => one !== prompt)].slice(0, MOST);

export function keepPrompt(prompt: string): void {
  if (!prompt) return;
  try {
    localStorage.setItem(KEY, JSON.stringify(withPrompt(readPrompts(), prompt)));
  } catch {
    // A browser that keeps nothing has no history.
  }
}

/** Where somebody is in the history; `at` -1 is what they have written themselves. */
export interface Walk {
  at: number;
  own: string;
}

/** One step to older (+1) or newer (-1) prompts: where that is, and what stands there. */
export function walk(prompts: readonly string[], from: Walk, step: 1 | -1): { walk: Walk; prompt: string } {
  const at = Math.max(-1, Math.min(prompts.length - 1, from.at + step));
  return { walk: { ...from, at }, prompt: at < 0 ? from.own : (prompts[at] ?? from.own) };
}
