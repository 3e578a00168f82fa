import { describe, expect, it } from "vitest";
import { judgementOf, rowsOf } from "./judgement";

const one = (step: number, strength: number, style: number, more: object = {}) => ({
  step,
  strength,
  marks: { drift: { value: 0.2, error: 0.01 }, style: { value: style, error: 0.02 } },
  failed: [],
  ...more,
});
const told = {
  step: 100,
  strength: 0.8,
  sheet: "abc",
  judgement: {
    prompts: [{}, {}, {}],
    seeds: [1, 2],
    looked: ["pixels"],
    pick: { step: 100, strength: 0.8, recommended: true, reasons: ["it is the earliest as good as the best"] },
    others: [{ step: 200, strength: 1, recommended: true, reasons: [] }],
    judged: [one(200, 1, 0.9), one(50, 1, 0.3), one(100, 1, 0.8), one(100, 0.8, 0.8), one(150, 1, 0, { lost: "NaN" })],
  },
};

describe("what a judge says", () => {
  it("is its pick with reasons, and the measures that were taken in a known order", () => {
    const judgement = judgementOf({ judgement: told });
    expect(judgement).toMatchObject({
      pick: { step: 100, strength: 0.8, recommended: true },
      measures: ["style", "drift"],
      prompts: 3,
      seeds: 2,
      sheet: "abc",
    });
    expect(judgement?.others).toHaveLength(1);
  });

  it("has a row for each step, at the strength of the pick where it was tried so", () => {
    const judgement = judgementOf({ judgement: told });
    if (!judgement) throw new Error("nothing was read");
    expect(rowsOf(judgement, false).map(({ step, strength }) => [step, strength])).toEqual([
      [50, 1],
      [100, 0.8],
      [150, 1],
      [200, 1],
    ]);
    expect(rowsOf(judgement, true)).toHaveLength(5);
  });

  it("is nothing where there is none, and what can be read where another release wrote it", () => {
    expect(judgementOf({ judgement: null })).toBeNull();
    const odd = judgementOf({
      judgement: { step: 50, strength: 1, reasons: ["so"], judgement: { judged: [7, { marks: { style: "x" } }] } },
    });
    expect(odd?.pick).toEqual({ step: 50, strength: 1, recommended: true, reasons: ["so"] });
    expect(odd?.measures).toEqual([]);
    expect(odd?.judged).toHaveLength(2);
  });
});
