import type { LimitsBody, LoraBody, ModelBody, SamplerBody } from "@openapi";
import type { Draft, Guide, Source } from "./draft";

/** The model that a form would be drawn with: the chosen one, or the studio's usual one. */
export function modelOf(draft: Draft, models: readonly ModelBody[]): ModelBody | undefined {
  return draft.model === null ? usualModel(models) : models.find((one) => one.id === draft.model);
}

export const usualModel = (models: readonly ModelBody[]): ModelBody | undefined =>
  models.find((one) => one.default) ?? models[0];

type Mode = ModelBody["capabilities"]["modes"][number];
const has = (model: ModelBody | undefined, mode: Mode) => model?.capabilities.modes.includes(mode) ?? false;

/** Whether it can begin with a picture, as a whole or in part. */
export const redraws = (model: ModelBody | undefined): boolean => has(model, "img2img") || has(model, "inpaint");
export const paints = (model: ModelBody | undefined): boolean => has(model, "inpaint");
/** Whether it draws from words alone. */
export const needsPicture = (model: ModelBody | undefined): boolean =>
  model !== undefined && !has(model, "txt2img") && !has(model, "edit");

export type GuideField = "references" | "controls" | "image_prompts";

/** How many pictures of a kind a model takes. */
export function room(field: GuideField, model: ModelBody | undefined, most: number): number {
  if (!model) return 0;
  const can = model.capabilities;
  if (field === "references") return Math.min(can.references, most);
  if (field === "controls") return can.controls.length > 0 ? most : 0;
  return can.image_prompt ? most : 0;
}

/** The pictures of a form that a model takes. */
export function takenReferences(draft: Draft, model: ModelBody | undefined, most: number): Source[] {
  return draft.references.slice(0, room("references", model, most));
}

export function takenGuides(
  field: "controls" | "image_prompts",
  draft: Draft,
  model: ModelBody | undefined,
  most: number,
): Guide[] {
  const known = (guide: Guide) => field !== "controls" || (model?.capabilities.controls.includes(guide.kind) ?? false);
  return draft[field].filter(known).slice(0, room(field, model, most));
}

export const fittingLoras = (loras: readonly LoraBody[], model: ModelBody | undefined): LoraBody[] =>
  model ? loras.filter((lora) => lora.models.includes(model.id)) : [];

/** The samplers that a model leaves a choice of, and the schedules of the one that would be taken. */
export function samplingOf(
  draft: Draft,
  model: ModelBody | undefined,
): { samplers: SamplerBody[]; schedules: string[]; usualSchedule: string | null } {
  const samplers = model?.capabilities.samplers ?? [];
  const wanted = samplers.some((one) => one.id === draft.sampler) ? draft.sampler : model?.sampler;
  const chosen = samplers.find((one) => one.id === wanted);
  return {
    samplers: samplers.length > 1 ? samplers : [],
    schedules: (chosen?.schedules.length ?? 0) > 1 ? (chosen?.schedules ?? []) : [],
    usualSchedule: chosen && chosen.id === model?.sampler ? model.schedule : null,
  };
}

/** What one request may ask for, until the studio has said it. */
export const limitsOf = (limits: LimitsBody | undefined) => ({
  loras: limits?.max_loras ?? 4,
  pictures: limits?.max_pictures ?? 16,
  promptChars: limits?.max_prompt_chars ?? 2000,
  pictureBytes: limits?.max_picture_bytes ?? 20 * 2 ** 20,
  bestOf: limits?.max_best_of ?? 16,
});
