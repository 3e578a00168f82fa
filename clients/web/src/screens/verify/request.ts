import type { GenerateBody } from "@openapi";

type Recipe = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** What a file's recipe asks for, as a body of `POST /generate`; null where it keeps its words to itself. The pictures that
 * it began with are named by the studio that has them, and stay out. */
export function requestOf(recipe: Recipe): Partial<GenerateBody> | null {
  const prompt = text(recipe.prompt);
  if (!prompt) return null;
  const [seed, steps, guidance] = [recipe.seed, recipe.num_inference_steps, recipe.guidance_scale].map(number);
  return {
    prompt,
    asset_type: text(recipe.asset_type),
    quality: text(recipe.quality),
    num_variations: 1,
    negative_prompt: text(recipe.negative_prompt),
    ...(text(recipe.model) ? { model: text(recipe.model) } : {}),
    ...(text(recipe.size) ? { size: text(recipe.size) } : {}),
    ...(recipe.sampler === "default" ? {} : { sampler: text(recipe.sampler), schedule: text(recipe.schedule) }),
    loras: lorasOf(recipe.loras),
    ...(seed === null ? {} : { seed }),
    ...(steps === null ? {} : { num_inference_steps: steps }),
    ...(guidance === null ? {} : { guidance_scale: guidance }),
  } as Partial<GenerateBody>;
}

/** With the version that was used, where there is one. */
function lorasOf(told: unknown): { id: string; strength: number }[] {
  if (!Array.isArray(told)) return [];
  return told.flatMap((one: Recipe) => {
    const id = text(one?.lora);
    const version = text(one?.version);
    return id ? [{ id: version ? `${id}@${version}` : id, strength: number(one.strength) ?? 1 }] : [];
  });
}
