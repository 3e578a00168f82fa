import type { Overlay } from "@openapi";
import { expect, it } from "vitest";
import { inWords } from "./overlay";

const EMPTY: Overlay = { loras: [], steps: {}, stages: {} };

it.each<[Partial<Overlay>, string]>([
  [{}, "As it is drawn today"],
  [{ steps: { standard: 10 } }, "10 steps at standard"],
  [{ model: "klein", guidance_scale: 0 }, "model klein, guidance 0"],
  [
    {
      loras: [
        { id: "ink", strength: 0.8 },
        { id: "flat", strength: 0 },
      ],
    },
    "LoRA ink at 0.8, without LoRA flat",
  ],
  [{ stages: { refine: false, tile: {}, upscale: { model: "x4" } } }, "without refine, with tile, upscale: model x4"],
])("says what %j changes", (change, words) => {
  expect(inWords({ ...EMPTY, ...change })).toBe(words);
});
