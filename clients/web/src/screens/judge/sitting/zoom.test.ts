import { describe, expect, it } from "vitest";
import { MOST, moved, WHOLE, zoomed } from "./zoom";

describe("zoom", () => {
  it("keeps the point under the pointer where it is", () => {
    const at = { x: 0.25, y: -0.25 };
    const twice = zoomed(WHOLE, 2, at);
    // The part of the picture that was at the point, (at - x) / scale, is still there.
    expect((at.x - twice.x) / twice.scale).toBeCloseTo(at.x);
    expect((at.y - twice.y) / twice.scale).toBeCloseTo(at.y);
  });

  it("stays between whole and eight times", () => {
    expect(zoomed(WHOLE, 100).scale).toBe(MOST);
    expect(zoomed({ scale: 2, x: 0.5, y: 0.5 }, 0.1)).toEqual(WHOLE);
  });

  it("moves no picture out of its place", () => {
    expect(moved({ scale: 2, x: 0, y: 0 }, 3, -3)).toEqual({ scale: 2, x: 0.5, y: -0.5 });
    expect(moved(WHOLE, 0.2, 0.2)).toEqual(WHOLE);
  });
});
