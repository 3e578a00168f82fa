import { describe, expect, it } from "vitest";
import { EMPTY, numbersOf, orderOf, wrongIn } from "./draft";
import { filledFrom, settingsOf } from "./settings";

const DRAFT = { ...EMPTY, dataset: "kestrel@1.0.0", lora: "kestrel" };

describe("a training that is ordered", () => {
  it("is a dataset and a name, all else as usual", () => {
    expect(orderOf(DRAFT)).toEqual({ dataset: "kestrel@1.0.0", lora: "kestrel", schedule: "now" });
    expect(orderOf({ ...DRAFT, lora: " " })).toBeNull();
    expect(orderOf(EMPTY)).toBeNull();
  });

  it("says the settings alone that are filled in, each as what it is", () => {
    const settings = {
      steps: "400",
      rate: "2e-3",
      guidance: "contrastive",
      gradient_checkpointing: "true",
      sample_prompts: "a mug\n\n a bell ",
      rank: "",
    };
    expect(orderOf({ ...DRAFT, settings })?.settings).toEqual({
      steps: 400,
      rate: 0.002,
      guidance: "contrastive",
      gradient_checkpointing: true,
      sample_prompts: ["a mug", "a bell"],
    });
  });

  it("is not sent while something is written wrong", () => {
    const wrong = { ...DRAFT, settings: { rank: "8.5", rate: "0,002" }, seeds: "1, two" };
    expect(wrongIn(wrong)).toEqual(["seeds", "rank"]);
    expect(orderOf(wrong)).toBeNull();
    expect(settingsOf({ rate: "0,002" })).toEqual({ rate: 0.002 });
  });

  it("sweeps each number once, and eight at most", () => {
    expect(numbersOf("1, 2,2 3")).toEqual([1, 2, 3]);
    expect(numbersOf("")).toEqual([]);
    expect(numbersOf("1,2,3,4,5,6,7,8,9")).toBeNull();
    expect(orderOf({ ...DRAFT, seeds: "1,2", ranks: "8" })?.sweep).toEqual({ seeds: [1, 2], ranks: [8] });
  });

  it("begins like another one, with what that had of its own", () => {
    const usual = { rank: 16, rate: 1e-4, sample_prompts: [], alpha: null };
    expect(filledFrom({ ...usual, rank: 8, sample_prompts: ["a mug"] }, usual)).toEqual({
      rank: "8",
      sample_prompts: "a mug",
    });
  });
});
