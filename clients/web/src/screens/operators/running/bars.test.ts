import { describe, expect, it } from "vitest";
import type { Hour } from "@/api/figures";
import { barsOf, outcomesOf } from "./bars";

const hour = (at: string, complete: number, failed = 0): Hour => ({
  at,
  complete,
  failed,
  canceled: 0,
  unfinished: 1,
  wait_p50: null,
  wait_p95: null,
  drawing_seconds: 0,
});

describe("bars of a day", () => {
  const parts = (of: Hour) => [of.complete, of.failed];

  it("fill their chart with the highest", () => {
    const bars = barsOf([hour("a", 3, 1), hour("b", 1, 1)], parts, (of) => of.at);
    expect(bars).toEqual([
      { key: "a", label: "a", shares: [0.75, 0.25] },
      { key: "b", label: "b", shares: [0.25, 0.25] },
    ]);
  });

  it("are flat where nothing was", () => {
    expect(barsOf([hour("a", 0)], parts, () => "").map((bar) => bar.shares)).toEqual([[0, 0]]);
    expect(barsOf([], parts, () => "")).toEqual([]);
  });

  it("sum up to how the day's jobs stand", () => {
    expect(outcomesOf([hour("a", 3, 1), hour("b", 2)])).toEqual({ complete: 5, failed: 1, canceled: 0, unfinished: 2 });
  });
});
