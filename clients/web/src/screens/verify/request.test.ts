import { describe, expect, it } from "vitest";
import { requestOf } from "./request";

const recipe = {
  prompt: "a red bicycle",
  full_prompt: "a red bicycle, flat",
  negative_prompt: "",
  asset_type: "icon",
  quality: "draft",
  model: "mini",
  seed: 7,
  size: "128x128",
  num_inference_steps: 12,
  guidance_scale: 3.5,
  sampler: "euler",
  schedule: "simple",
  loras: [
    { lora: "ink", strength: 0.5, version: "1.2.0" },
    { lora: "kestrel", strength: 1 },
  ],
};

describe("what a file's recipe asks for", () => {
  it("is asked for in the same words, with the same seed, settings and versions", () => {
    expect(requestOf(recipe)).toMatchObject({
      prompt: "a red bicycle",
      seed: 7,
      num_variations: 1,
      size: "128x128",
      sampler: "euler",
      loras: [
        { id: "ink@1.2.0", strength: 0.5 },
        { id: "kestrel", strength: 1 },
      ],
    });
  });

  it("is nothing where the words were kept out of it", () => {
    expect(requestOf({ ...recipe, prompt: "", private: true })).toBeNull();
  });

  it("is read from whatever a stranger has written", () => {
    const strange = { prompt: "x", seed: "7", loras: [null, 3, { lora: 4 }], num_inference_steps: Number.NaN };
    expect(requestOf(strange)).toMatchObject({ prompt: "x", loras: [] });
    expect(requestOf(strange)).not.toHaveProperty("seed");
    expect(requestOf({ prompt: "x", loras: "all" })?.loras).toEqual([]);
  });
});
