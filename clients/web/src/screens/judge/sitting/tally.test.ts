import type { RevealedBallot } from "@openapi";
import { expect, it } from "vitest";
import { tally } from "./tally";

const told = (choice: string, chosen: string | null, more: Partial<RevealedBallot> = {}): RevealedBallot => ({
  id: "b",
  prompt: "a fox",
  arms: ["champion", "half"],
  jobs: [],
  choice,
  criteria: {},
  chosen,
  check: null,
  passed: null,
  ...more,
});

it("counts who was preferred, and leaves hidden checks and skips out", () => {
  const found = tally([
    told("left", "champion"),
    told("right", "half"),
    told("right", "half"),
    told("tie", null),
    told("both_bad", null),
    told("skip", null),
    told("left", "champion", { check: "repeat" }),
    told("right", "half", { check: "gold", passed: true }),
    told("left", "half", { check: "gold", passed: false }),
  ]);
  expect(found.arms).toEqual([
    { arm: "half", chosen: 2, shown: 5 },
    { arm: "champion", chosen: 1, shown: 5 },
  ]);
  expect([found.tie, found.bothBad, found.skipped, found.passed, found.checks]).toEqual([1, 1, 1, 1, 2]);
});
