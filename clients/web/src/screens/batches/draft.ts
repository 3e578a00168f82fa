import type { BatchOrder } from "@/api/batches";

/** A batch that is being written. */
export interface Draft {
  name: string;
  from: "prompts" | "file";
  prompts: string;
  file: File | null;
  assetTypes: readonly string[];
  qualities: readonly string[];
  models: readonly string[];
  loras: string;
  seeds: string;
  skipInvalid: boolean;
}

export const EMPTY: Draft = {
  name: "",
  from: "prompts",
  prompts: "",
  file: null,
  assetTypes: [],
  qualities: [],
  models: [],
  loras: "",
  seeds: "",
  skipInvalid: false,
};

const MOST_SEED = 2 ** 32;

/** The prompts of a list, one a line. */
export const promptsOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** What is separated by commas. */
const partsOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

/** Seeds of a list; null where one is none. */
export function seedsOf(text: string): number[] | null {
  const seeds = partsOf(text).map(Number);
  return seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < MOST_SEED) ? seeds : null;
}

/** What is sent for a draft; null as long as it says nothing that can be drawn. */
export function orderOf(draft: Draft): BatchOrder | null {
  const seeds = seedsOf(draft.seeds);
  if (seeds === null) return null;
  const lists = {
    asset_types: draft.assetTypes,
    qualities: draft.qualities,
    models: draft.models,
    loras: partsOf(draft.loras),
    seeds,
  };
  if (draft.from === "prompts") {
    const prompts = promptsOf(draft.prompts);
    const said = Object.entries(lists).filter(([, values]) => values.length > 0);
    const body = { name: draft.name, prompts, skip_invalid: draft.skipInvalid, ...Object.fromEntries(said) };
    return prompts.length > 0 ? { kind: "prompts", body } : null;
  }
  if (draft.file === null) return null;
  const form = new FormData();
  form.set("file", draft.file);
  if (draft.name) form.set("name", draft.name);
  if (draft.skipInvalid) form.set("skip_invalid", "true");
  for (const [name, values] of Object.entries(lists)) if (values.length > 0) form.set(name, values.join(","));
  return { kind: "file", form };
}
