import type { AssetTypeBody, GenerateBody, JobBody, LoraUse, StageSettings } from "@openapi";

/** A picture as the form has it. `name` is what the studio calls it, empty until it has arrived there. */
export interface Source {
  id: string;
  name: string;
  title: string;
  /** Where it is seen: of the studio, or a blob of this tab. */
  url: string;
}

/** A picture that the drawing follows or looks at, and how much it counts. */
export interface Guide {
  source: Source;
  kind: string;
  scale: number;
  start: number;
  end: number;
}

/** A LoRA to draw with: its id, or ID@VERSION. */
export type LoraChoice = Pick<LoraUse, "id" | "strength">;

/**
 * What is in the form, under the names of `POST /generate`. It holds also what the chosen model has no use for: that
 * is neither shown nor sent, and is there again with a model that has.
 */
export interface Draft {
  prompt: string;
  asset_type: string;
  /** The same words as all asset types. */
  every_type: boolean;
  style: string | null;
  slots: Readonly<Record<string, string>>;
  quality: string;
  num_variations: number;
  size: string | null;
  /** null: the studio's usual one. */
  model: string | null;
  brand_kit: string | null;
  loras: readonly LoraChoice[];
  image: Source | null;
  /** null: as usual, which is less for a whole picture than for a painted part. */
  strength: number | null;
  mask: Source | null;
  references: readonly Source[];
  controls: readonly Guide[];
  image_prompts: readonly Guide[];
  /** As written: the studio says what a seed may be. */
  seed: string;
  negative_prompt: string;
  sampler: string;
  schedule: string;
  num_inference_steps: string;
  guidance_scale: string;
  best_of: number | null;
  keep: number | null;
  formats: readonly Format[] | null;
  /** As written: `64x64, 32x32`. */
  sizes: string;
  stages: StageSettings;
  /** The prompt stays out of the files. */
  private: boolean;
}

export type Format = NonNullable<GenerateBody["formats"]>[number];

export const EMPTY: Draft = {
  prompt: "",
  asset_type: "icon",
  every_type: false,
  style: null,
  slots: {},
  quality: "standard",
  num_variations: 4,
  size: null,
  model: null,
  brand_kit: null,
  loras: [],
  image: null,
  strength: null,
  mask: null,
  references: [],
  controls: [],
  image_prompts: [],
  seed: "",
  negative_prompt: "",
  sampler: "",
  schedule: "",
  num_inference_steps: "",
  guidance_scale: "",
  best_of: null,
  keep: null,
  formats: null,
  sizes: "",
  stages: {},
  private: false,
};

/** How much is redrawn unless somebody says: a whole picture keeps its outlines, a painted part begins anew. */
export const USUAL_STRENGTH = { whole: 0.75, part: 1 };

/** A picture that the studio has, to be put into the form. */
export const sourceOf = (name: string, url: string, title: string): Source => ({
  id: `${name}#${url}`,
  name,
  url,
  title,
});

/** A form with the settings of a request, such as a recipe's. `pictures` says where the pictures it names are seen. */
export function draftOf(body: Partial<GenerateBody>, pictures: (name: string) => string): Draft {
  const given = (name: string) => sourceOf(name, pictures(name), name);
  const whole = { scale: 1, start: 0, end: 1 };
  return {
    ...EMPTY,
    prompt: body.prompt ?? "",
    asset_type: body.asset_type ?? EMPTY.asset_type,
    style: body.style ?? null,
    slots: body.slots ?? {},
    quality: body.quality ?? EMPTY.quality,
    num_variations: body.num_variations ?? 1,
    size: body.size ?? null,
    model: body.model ?? null,
    brand_kit: body.brand_kit ?? null,
    loras: (body.loras ?? []).map(({ id, strength }) => ({ id, strength: strength ?? 1 })),
    image: body.image ? given(body.image) : null,
    strength: body.strength ?? null,
    mask: body.mask ? given(body.mask) : null,
    references: (body.references ?? []).map(given),
    controls: (body.controls ?? []).map(({ image, ...how }) => ({ ...whole, ...how, source: given(image) })),
    image_prompts: (body.image_prompts ?? []).map(({ image, scale }) => ({
      ...whole,
      kind: "",
      scale,
      source: given(image),
    })),
    seed: text(body.seed),
    negative_prompt: body.negative_prompt ?? "",
    sampler: body.sampler ?? "",
    schedule: body.schedule ?? "",
    num_inference_steps: text(body.num_inference_steps),
    guidance_scale: text(body.guidance_scale),
    best_of: body.best_of ?? null,
    keep: body.keep ?? null,
    formats: body.formats ?? null,
    sizes: (body.sizes ?? []).join(", "),
    stages: body.stages ?? {},
    private: body.private ?? false,
  };
}

/** A form with what a job says of how it was ordered. */
export function draftOfJob(job: JobBody): Draft {
  const of = (role: string) => (job.inputs ?? []).filter((input) => input.role === role);
  const source = (input: { picture: string; url: string }) => sourceOf(input.picture, input.url, input.picture);
  const guide = (input: ReturnType<typeof of>[number]): Guide => ({
    source: source(input),
    kind: input.kind ?? "",
    scale: input.scale ?? 1,
    start: input.start ?? 0,
    end: input.end ?? 1,
  });
  const [image, mask] = [of("image")[0], of("mask")[0]];
  // Of the usual strength nobody said a word: it follows the mask.
  const usual = mask ? USUAL_STRENGTH.part : USUAL_STRENGTH.whole;
  return {
    ...EMPTY,
    prompt: job.prompt,
    asset_type: job.asset_type,
    quality: job.quality,
    num_variations: job.images_total,
    size: job.size ?? null,
    model: job.model,
    loras: (job.loras ?? []).map(({ id, strength }) => ({ id, strength })),
    image: image ? source(image) : null,
    mask: mask ? source(mask) : null,
    strength: job.strength === usual ? null : (job.strength ?? null),
    references: of("reference").map(source),
    controls: of("control").map(guide),
    image_prompts: of("image_prompt").map(guide),
    seed: text(job.images[0]?.seed ?? job.seeds[0]),
    private: job.private ?? false,
  };
}

/** A form as it can be kept: without what has not arrived, and without what only this tab can see. */
export function keepable(draft: Draft): Draft {
  const arrived = (source: Source | null) => (source?.name ? withoutBlob(source) : null);
  const guides = (list: readonly Guide[]) =>
    list.flatMap((guide) => (guide.source.name ? [{ ...guide, source: withoutBlob(guide.source) }] : []));
  return {
    ...draft,
    image: arrived(draft.image),
    mask: draft.image?.name ? arrived(draft.mask) : null,
    references: draft.references.filter((source) => source.name).map(withoutBlob),
    controls: guides(draft.controls),
    image_prompts: guides(draft.image_prompts),
  };
}

/** A draft in which every picture is what `change` makes of it; null takes it away. */
export function withSources(draft: Draft, change: (source: Source) => Source | null): Draft {
  const one = (source: Source | null) => (source ? change(source) : null);
  const guides = (list: readonly Guide[]) =>
    list.flatMap((guide) => {
      const source = change(guide.source);
      return source ? [{ ...guide, source }] : [];
    });
  return {
    ...draft,
    image: one(draft.image),
    mask: one(draft.mask),
    references: draft.references.flatMap((source) => change(source) ?? []),
    controls: guides(draft.controls),
    image_prompts: guides(draft.image_prompts),
  };
}

/** What another asset type leaves of the choices that belong to one. */
export function forType(draft: Draft, kind: AssetTypeBody): Partial<Draft> {
  return {
    asset_type: kind.id,
    every_type: false,
    size: draft.size !== null && kind.sizes.includes(draft.size) ? draft.size : null,
    style: draft.style !== null && draft.style in (kind.styles ?? {}) ? draft.style : null,
  };
}

const withoutBlob = (source: Source): Source =>
  source.url.startsWith("blob:") ? { ...source, url: `pictures/${source.name}` } : source;

const text = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
