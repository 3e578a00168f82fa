import type { Order } from "@/api/trainings";
import { type Filled, settingsOf, wrongSettings } from "./settings";

/** A training as it is filled in. */
export interface OrderDraft {
  /** ID or ID@VERSION. */
  readonly dataset: string;
  /** Empty: the studio's own. */
  readonly model: string;
  readonly lora: string;
  readonly name: string;
  readonly prior: string;
  readonly schedule: "now" | "overnight";
  /** Its checkpoints are compared at the end. */
  readonly judged: boolean;
  readonly settings: Filled;
  readonly seeds: string;
  readonly ranks: string;
}

export const EMPTY: OrderDraft = {
  dataset: "",
  model: "",
  lora: "",
  name: "",
  prior: "",
  schedule: "now",
  judged: true,
  settings: {},
  seeds: "",
  ranks: "",
};
const MOST = 8;

/** Whole numbers with commas between; null for anything else. */
export function numbersOf(text: string): number[] | null {
  const words = text
    .split(/[,\s]+/)
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length > MOST || words.some((word) => !/^\d{1,15}$/.test(word))) return null;
  return [...new Set(words.map(Number))];
}

/** What is wrong before anybody is asked, by field. */
export function wrongIn(draft: OrderDraft): string[] {
  return [
    ...(numbersOf(draft.seeds) === null ? ["seeds"] : []),
    ...(numbersOf(draft.ranks) === null ? ["ranks"] : []),
    ...wrongSettings(draft.settings),
  ];
}

/** What is sent; null while it cannot be: there is nothing to learn from, no name, or something is written wrong. */
export function orderOf(draft: OrderDraft): Order | null {
  const [dataset, lora, name] = [draft.dataset.trim(), draft.lora.trim(), draft.name.trim()];
  const [seeds, ranks] = [numbersOf(draft.seeds), numbersOf(draft.ranks)];
  if (!dataset || !lora || !seeds || !ranks || wrongIn(draft).length > 0) return null;
  const settings = settingsOf(draft.settings);
  return {
    dataset,
    lora,
    schedule: draft.schedule,
    ...(!draft.judged && { judged: false }),
    ...(name && { name }),
    ...(draft.model && { model: draft.model }),
    ...(draft.prior && { prior: draft.prior }),
    ...(Object.keys(settings).length > 0 && { settings }),
    ...((seeds.length > 0 || ranks.length > 0) && { sweep: { seeds, ranks } }),
  };
}
