import type { AssetTypeBody, LimitsBody, LoraBody, ModelBody } from "@openapi";
import type { Request } from "@/api/drawing";
import { fittingLoras, limitsOf, paints, redraws, samplingOf, takenGuides, takenReferences } from "./abilities";
import { type Draft, USUAL_STRENGTH } from "./draft";
import { loraIn } from "./lora";

/** What a form is read with: what the studio has, as far as it has said so. */
export interface Surroundings {
  model: ModelBody | undefined;
  assetType: AssetTypeBody | undefined;
  loras: readonly LoraBody[];
  limits: LimitsBody | undefined;
}

/** The request that a form stands for: what is left open is left to the studio, what the model cannot is left out. */
export function requestOf(draft: Draft, around: Surroundings): Request {
  const { model, assetType } = around;
  const { samplers, schedules } = samplingOf(draft, model);
  return {
    prompt: draft.prompt.trim(),
    quality: draft.quality,
    num_variations: draft.num_variations,
    ...(draft.every_type ? {} : ofType(draft, assetType)),
    ...given("model", draft.model),
    ...given("brand_kit", draft.brand_kit),
    ...given("loras", lorasOf(draft, around)),
    ...picturesOf(draft, around),
    ...given("seed", /^\d+$/.test(draft.seed.trim()) ? Number(draft.seed) : draft.seed.trim()),
    ...given("negative_prompt", model?.capabilities.negative_prompt === false ? "" : draft.negative_prompt.trim()),
    ...given("sampler", samplers.some((one) => one.id === draft.sampler) ? draft.sampler : ""),
    ...given("schedule", schedules.includes(draft.schedule) ? draft.schedule : ""),
    ...given("num_inference_steps", numberOf(draft.num_inference_steps)),
    ...given("guidance_scale", model?.capabilities.guidance === "none" ? null : numberOf(draft.guidance_scale)),
    ...choiceOf(draft, model),
    ...given("stages", draft.stages),
    ...(draft.private ? { private: true } : {}),
  };
}

/** What belongs to one asset type. */
function ofType(draft: Draft, kind: AssetTypeBody | undefined): Partial<Request> {
  const slots = Object.entries(draft.slots).filter(
    ([name, words]) => words.trim() && (!kind || name in (kind.slots ?? {})),
  );
  return {
    asset_type: draft.asset_type,
    ...given("size", draft.size),
    ...given("style", draft.style),
    ...given("slots", Object.fromEntries(slots)),
    ...given("formats", draft.formats === null ? null : [...draft.formats]),
    ...given("sizes", sizesOf(draft.sizes)),
  };
}

function lorasOf(draft: Draft, { loras, model, limits }: Surroundings) {
  const fitting = fittingLoras(loras, model);
  return draft.loras
    .filter(({ id }) => fitting.some((lora) => lora.id === loraIn(id)))
    .slice(0, limitsOf(limits).loras)
    .map(({ id, strength }) => ({ id, strength }));
}

function picturesOf(draft: Draft, { model, limits }: Surroundings): Partial<Request> {
  const most = limitsOf(limits).pictures;
  const begins = redraws(model) && draft.image?.name;
  const mask = begins && paints(model) ? draft.mask?.name : "";
  const [controls, prompts] = (["controls", "image_prompts"] as const).map((field) =>
    takenGuides(field, draft, model, most).filter((guide) => guide.source.name),
  );
  const references = takenReferences(draft, model, most).filter((source) => source.name);
  return {
    ...(begins ? { image: begins, strength: strengthOf(draft, model) } : {}),
    ...given("mask", mask || null),
    ...given(
      "references",
      references.map((source) => source.name),
    ),
    ...given("controls", controls?.map(({ source, ...how }) => ({ ...how, image: source.name })) ?? []),
    ...given("image_prompts", prompts?.map(({ source, scale }) => ({ image: source.name, scale })) ?? []),
  };
}

/** How much of the picture is redrawn. */
export const strengthOf = (draft: Draft, model: ModelBody | undefined): number =>
  draft.strength ?? (draft.mask && paints(model) ? USUAL_STRENGTH.part : USUAL_STRENGTH.whole);

function choiceOf(draft: Draft, model: ModelBody | undefined): Partial<Request> {
  if (!model?.scorer || draft.best_of === null) return {};
  // `keep` says how many pictures there are; a number of variations beside it would be a second truth.
  return { best_of: draft.best_of, keep: draft.keep ?? draft.num_variations, num_variations: 1 };
}

const sizesOf = (written: string): string[] =>
  written
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map((size) => (/^\d+$/.test(size) ? `${size}x${size}` : size.replace("×", "x")));

/** Numbers as written; what is none is sent as it is, for the studio to say what it may be. */
function numberOf(written: string): number | null {
  const trimmed = written.trim().replace(",", ".");
  return trimmed === "" ? null : Number.isFinite(Number(trimmed)) ? Number(trimmed) : (trimmed as never);
}

/** A field of the request, unless it says nothing. */
function given<K extends keyof Request>(name: K, value: Request[K]): Partial<Request> {
  const empty =
    value === null ||
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0);
  return empty ? {} : { [name]: value };
}
