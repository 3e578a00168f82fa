import type { Request } from "@/api/drawing";
import type { Kind } from "@/api/library";

export interface Trial {
  prompt: string;
  seed: number;
  /** What a brand kit is tried with. */
  assetType: string;
}

/** A draft with one version of an entry; the same trial of another version differs in nothing else. */
export function trialRequest(kind: Kind, id: string, version: string, trial: Trial): Request {
  const named = `${id}@${version}`;
  return {
    prompt: trial.prompt,
    seed: trial.seed,
    quality: "draft",
    num_variations: 1,
    ...(kind === "brand-kits" ? { asset_type: trial.assetType, brand_kit: named } : { asset_type: named }),
  };
}
