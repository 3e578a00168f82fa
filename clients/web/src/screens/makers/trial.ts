import type { Request } from "@/api/drawing";
import type { Kind } from "@/api/library";

export interface Trial {
  prompt: string;
  seed: number;
  /** What a brand kit or a LoRA is tried with. */
  assetType: string;
  /** One that a LoRA fits; the usual one where it is empty. */
  model?: string;
}

/** A draft with one version of an entry; the same trial of another version differs in nothing else. */
export function trialRequest(kind: Kind, id: string, version: string, trial: Trial): Request {
  const named = `${id}@${version}`;
  const drawn = { prompt: trial.prompt, seed: trial.seed, quality: "draft", num_variations: 1 };
  if (kind === "brand-kits") return { ...drawn, asset_type: trial.assetType, brand_kit: named };
  if (kind === "loras")
    return {
      ...drawn,
      asset_type: trial.assetType,
      ...(trial.model && { model: trial.model }),
      loras: [{ id: named }],
    };
  return { ...drawn, asset_type: named };
}
