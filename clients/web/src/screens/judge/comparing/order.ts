import type { CompareOrder } from "@openapi";
import { newWay, overlayOf, type WayDraft, wayId } from "../experiments/draft";

/** What is to be compared, as it is filled in. */
export interface CompareDraft {
  on: "prompt" | "set";
  prompt: string;
  set: string;
  by: "models" | "ways";
  models: readonly string[];
  ways: readonly WayDraft[];
  type: string;
  quality: string;
  seeds: number;
  name: string;
  blind: boolean;
}

export const EMPTY: CompareDraft = {
  on: "prompt",
  prompt: "",
  set: "",
  by: "models",
  models: [],
  ways: [newWay(1)],
  type: "",
  quality: "draft",
  seeds: 2,
  name: "",
  blind: true,
};

/** What is drawn today, beside the ways that change something. */
export const TODAY = "today";

/** The order that a draft makes; null while something is missing that nobody could draw without. */
export function orderOf(draft: CompareDraft): CompareOrder | null {
  const on = draft.on === "prompt" ? { prompt: draft.prompt.trim() } : { prompt_set: draft.set };
  if (!Object.values(on)[0]) return null;
  const by = draft.by === "models" ? byModels(draft) : byWays(draft);
  if (by === null) return null;
  return {
    ...on,
    ...by,
    ...(draft.on === "prompt" && draft.type && { asset_type: draft.type }),
    quality: draft.quality,
    seeds: draft.seeds,
    blind: draft.blind,
    dry_run: false,
    name: draft.name.trim(),
  } as CompareOrder;
}

const byModels = ({ models }: CompareDraft) => (models.length > 1 ? { models: [...models] } : null);

function byWays({ ways, quality }: CompareDraft) {
  const arms = ways.map((way, i) => ({ id: wayId(way, i), overlay: overlayOf(way, [quality]) }));
  if (arms.some((arm) => Object.keys(arm.overlay).length === 0)) return null;
  return { arms: [{ id: TODAY, overlay: {} }, ...arms] };
}
