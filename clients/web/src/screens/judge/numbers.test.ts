import { expect, it } from "vitest";
import { between, evidence, evidenceShare, percentBetween } from "./numbers";

it("tells shares and differences with what they lie between", () => {
  expect(percentBetween({ value: 0.642, low: 0.55, high: 0.72 })).toBe("64 % (55 to 72)");
  expect(between({ value: -0.304, low: -0.5, high: 0.1 })).toBe("−0.30 (−0.50 to +0.10)");
});

it("measures evidence by its logarithm, from none to enough", () => {
  expect(evidenceShare(0.4, 20)).toBe(0);
  expect(evidenceShare(Math.sqrt(20), 20)).toBeCloseTo(0.5);
  expect(evidenceShare(500, 20)).toBe(1);
  expect([evidence(1.04), evidence(19.6), evidence(123456)]).toEqual(["1.0", "20", "over 1,000"]);
});
