import type { AssetTypeBody, JobBody, LoraBody, ModelBody } from "@openapi";
import { describe, expect, it } from "vitest";
import { type Draft, draftOf, draftOfJob, EMPTY, forType, keepable, sourceOf, withSources } from "./draft";
import { requestOf, type Surroundings } from "./request";

const can = (changes: Partial<ModelBody["capabilities"]> = {}): ModelBody["capabilities"] => ({
  modes: ["txt2img", "img2img", "inpaint"],
  controls: [],
  image_prompt: false,
  references: 0,
  lora: true,
  negative_prompt: false,
  guidance: "embedded",
  steps: { fewest: 1, most: 100 },
  size_multiple: 16,
  text_length: 64,
  samplers: [{ id: "euler", name: "Euler", schedules: ["simple", "karras"] }],
  ...changes,
});

const model = (capabilities = can(), others: Partial<ModelBody> = {}) =>
  ({
    id: "mini",
    name: "mini",
    default: true,
    sampler: "euler",
    schedule: "simple",
    capabilities,
    ...others,
  }) as ModelBody;

const icon = {
  id: "icon",
  sizes: ["256x256", "512x512"],
  default_size: "512x512",
  slots: { mood: { description: "", choices: [], default: "", required: false } },
  styles: { outline: { name: "Outline", words: "" } },
} as unknown as AssetTypeBody;

const ink = { id: "ink", models: ["mini"], default_strength: 0.8 } as LoraBody;

const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  model: model(),
  assetType: icon,
  loras: [ink],
  limits: undefined,
  ...changes,
});

const draft = (changes: Partial<Draft> = {}): Draft => ({ ...EMPTY, prompt: "a fox", ...changes });
const photo = sourceOf("pic_1", "pictures/pic_1", "photo.png");
const mask = sourceOf("pic_2", "pictures/pic_2", "mask.png");

describe("the request that a form stands for", () => {
  it("says only what was chosen", () => {
    expect(requestOf(draft({ prompt: "  a fox " }), around())).toEqual({
      prompt: "a fox",
      asset_type: "icon",
      quality: "standard",
      num_variations: 4,
    });
  });

  it("leaves out what the model cannot, and keeps it in the form", () => {
    const full = draft({
      negative_prompt: "blur",
      loras: [
        { id: "ink", strength: 0.5 },
        { id: "other", strength: 1 },
      ],
      schedule: "beta",
      image: photo,
      references: [photo],
      controls: [{ source: photo, kind: "depth", scale: 0.6, start: 0, end: 1 }],
    });
    const body = requestOf(full, around({ model: model(can({ modes: ["txt2img"] })) }));
    expect(body.loras).toEqual([{ id: "ink", strength: 0.5 }]);
    for (const name of ["negative_prompt", "schedule", "image", "references", "controls"]) {
      expect(body).not.toHaveProperty(name);
    }
    const able = requestOf(
      full,
      around({ model: model(can({ negative_prompt: true, controls: ["depth"], references: 2 })) }),
    );
    expect(able).toMatchObject({
      negative_prompt: "blur",
      image: "pic_1",
      references: ["pic_1"],
      controls: [{ image: "pic_1", kind: "depth", scale: 0.6, start: 0, end: 1 }],
    });
  });

  it("redraws a whole picture less than a painted part, unless somebody says how much", () => {
    expect(requestOf(draft({ image: photo }), around())).toMatchObject({ image: "pic_1", strength: 0.75 });
    expect(requestOf(draft({ image: photo, mask }), around())).toMatchObject({ mask: "pic_2", strength: 1 });
    expect(requestOf(draft({ image: photo, mask, strength: 0.4 }), around()).strength).toBe(0.4);
  });

  it("does not name a picture that has not arrived", () => {
    const onItsWay = { ...photo, name: "" };
    expect(requestOf(draft({ image: onItsWay, mask }), around())).not.toHaveProperty("image");
    expect(requestOf(draft({ image: onItsWay, mask }), around())).not.toHaveProperty("mask");
  });

  it("leaves what belongs to one type out of an order of all types", () => {
    const body = requestOf(
      draft({ every_type: true, size: "256x256", style: "outline", slots: { mood: "calm" } }),
      around(),
    );
    expect(body).toEqual({ prompt: "a fox", quality: "standard", num_variations: 4 });
  });

  it("sends what is no number as it is, for the studio to refuse", () => {
    expect(requestOf(draft({ seed: "7", guidance_scale: "2,5" }), around())).toMatchObject({
      seed: 7,
      guidance_scale: 2.5,
    });
    expect(requestOf(draft({ seed: "seven" }), around()).seed).toBe("seven");
  });

  it("asks for the best of several only where a model has a scorer", () => {
    const wish = draft({ best_of: 8, num_variations: 2 });
    expect(requestOf(wish, around())).toMatchObject({ num_variations: 2 });
    const scored = around({ model: model(can(), { scorer: "mini-scorer" }) });
    expect(requestOf(wish, scored)).toMatchObject({ best_of: 8, keep: 2, num_variations: 1 });
  });

  it("reads further sizes as people write them", () => {
    expect(requestOf(draft({ sizes: "64, 32x32 16×16" }), around()).sizes).toEqual(["64x64", "32x32", "16x16"]);
  });

  it("comes back from the request that it was made of", () => {
    const first = draft({
      size: "256x256",
      style: "outline",
      slots: { mood: "calm" },
      loras: [{ id: "ink", strength: 0.4 }],
      image: photo,
      strength: 0.5,
      seed: "9",
      formats: ["svg"],
      sizes: "64x64",
      stages: { cut_out: { holes: true, method: "auto" } },
      private: true,
    });
    const body = requestOf(first, around());
    expect(body.private).toBe(true);
    const again = draftOf(body as never, (name) => `pictures/${name}`);
    expect(requestOf(again, around())).toEqual(body);
  });
});

describe("a form", () => {
  it("keeps the words out of the files, as the job did whose settings it takes", () => {
    const job = { prompt: "a zeppelin", images: [], images_total: 1, seeds: [7] } as unknown as JobBody;
    expect(requestOf(draftOfJob({ ...job, private: true }), around()).private).toBe(true);
    expect(requestOf(draftOfJob({ ...job, private: false }), around())).not.toHaveProperty("private");
  });

  it("keeps a size that the next asset type has, too", () => {
    expect(forType(draft({ size: "256x256" }), icon).size).toBe("256x256");
    expect(forType(draft({ size: "640x384", style: "grain" }), icon)).toMatchObject({ size: null, style: null });
  });

  it("is kept without what has not arrived and with addresses that a new tab can see", () => {
    const local = { ...photo, url: "blob:x" };
    const kept = keepable(draft({ image: local, references: [{ ...photo, name: "" }] }));
    expect(kept.image?.url).toBe("pictures/pic_1");
    expect(kept.references).toEqual([]);
  });

  it("gives a picture its name wherever it is, and forgets one that was refused", () => {
    const waiting = { ...photo, name: "" };
    const before = draft({
      image: waiting,
      controls: [{ source: waiting, kind: "depth", scale: 1, start: 0, end: 1 }],
    });
    const named = withSources(before, (source) => ({ ...source, name: "pic_9" }));
    expect([named.image?.name, named.controls[0]?.source.name]).toEqual(["pic_9", "pic_9"]);
    const gone = withSources(before, () => null);
    expect([gone.image, gone.controls]).toEqual([null, []]);
  });
});
