import { expect, it } from "vitest";
import { linesOf } from "./recipe";

it("tells a recipe line by line, nested parts by their path, and nothing that is empty", () => {
  const lines = linesOf({
    prompt: "fox",
    negative_prompt: "",
    num_inference_steps: 8,
    sizes: [64, 128],
    loras: [{ id: "ink", strength: 0.5 }],
    stages: { refine: false },
    request: { prompt: "fox" },
  });
  expect(lines.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "prompt=fox",
    "num inference steps=8",
    "sizes=64, 128",
    "loras · 1 · id=ink",
    "loras · 1 · strength=0.5",
    "stages · refine=no",
  ]);
  expect(lines[0]?.words).toBe(true);
});
