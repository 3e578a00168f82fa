import { describe, expect, it } from "vitest";
import { layoutOf, moved } from "./grid";
import { allOf, extend, NOTHING, present, toggle } from "./selection";

const order = ["a", "b", "c", "d", "e"];

describe("choosing pictures", () => {
  it("takes a range from the last one chosen to the next, in both directions", () => {
    const from = toggle(NOTHING, "d");
    expect(present(extend(from, "b", order), order)).toEqual(["b", "c", "d"]);
    expect(present(extend(extend(from, "b", order), "e", order), order)).toEqual(["b", "c", "d", "e"]);
  });

  it("takes the one itself where the range's beginning is not there any more", () => {
    expect(present(extend({ ids: new Set(), anchor: "gone" }, "b", order), order)).toEqual(["b"]);
  });

  it("takes all, and then nothing", () => {
    const all = allOf(NOTHING, order);
    expect(all.ids.size).toBe(5);
    expect(allOf(all, order)).toBe(NOTHING);
    expect(allOf(NOTHING, []).ids.size).toBe(0);
  });

  it("forgets those that are not shown any more", () => {
    expect(present(toggle(toggle(NOTHING, "a"), "x"), order)).toEqual(["a"]);
  });
});

describe("a grid", () => {
  it("fills the width with tiles that are wide enough to see, two at the least", () => {
    expect(layoutOf(358).columns).toBe(2);
    const { columns, side, gap } = layoutOf(1200);
    expect(columns * side + (columns - 1) * gap).toBeCloseTo(1200);
    expect(side).toBeGreaterThanOrEqual(168);
  });

  it("is walked by arrows, rows and pages, and ends at its edges", () => {
    expect(moved("ArrowRight", 3, 10, 4)).toBe(4);
    expect(moved("ArrowLeft", 0, 10, 4)).toBeNull();
    expect(moved("ArrowDown", 5, 10, 4)).toBe(9);
    expect(moved("ArrowDown", 7, 10, 4)).toBe(9);
    expect(moved("ArrowDown", 9, 10, 4)).toBeNull();
    expect(moved("PageDown", 1, 10, 4)).toBe(9);
    expect(moved("PageUp", 9, 10, 4)).toBe(1);
    expect(moved("Home", 9, 10, 4)).toBe(0);
    expect(moved("q", 1, 10, 4)).toBeNull();
  });
});
