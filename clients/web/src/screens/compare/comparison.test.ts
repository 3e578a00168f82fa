import type { FoundImage } from "@openapi";
import { describe, expect, it } from "vitest";
import { pairs, readCompare, rotated, settingsOf } from "./comparison";

const image = (over: Partial<FoundImage>) =>
  ({ prompt: "fox", model: "mini", loras: [], scores: {}, width: 64, height: 64, seed: 1, ...over }) as FoundImage;

describe("an address of a comparison", () => {
  it("names at most four pictures, each once, also by commas", () => {
    expect(readCompare({ ids: ["a", "b", "a", "c", "d", "e"] }).ids).toEqual(["a", "b", "c", "d"]);
    expect(readCompare({ ids: "a,b" }).ids).toEqual(["a", "b"]);
    expect(readCompare({}).ids).toEqual([]);
  });

  it("takes two that are there, and not one twice", () => {
    expect(readCompare({ ids: "a,b,c", pair: [0, 2] }).pair).toEqual([0, 2]);
    expect(readCompare({ ids: "a,b", pair: [0, 2] }).pair).toBeUndefined();
    expect(readCompare({ ids: "a,b", pair: [1, 1] }).pair).toBeUndefined();
  });
});

it("says what differs before what is the same", () => {
  const settings = settingsOf([image({ seed: 1, scores: { fidelity: 0.5 } }), image({ seed: 2 })]);
  expect(settings.map(({ name, differs }) => [name, differs])).toEqual([
    ["seed", true],
    ["fidelity", true],
    ["prompt", false],
    ["model", false],
    ["size", false],
  ]);
});

it("turns two round, and passes through all pairs of more", () => {
  expect(rotated(["a", "b"])).toEqual(["b", "a"]);
  expect(pairs(2)).toEqual([[0, 1]]);
  expect(pairs(4)).toHaveLength(6);
});
