import { expect, it } from "vitest";
import { FIT, keyed, LARGEST, panned, zoomed } from "./view";

const box = { width: 400, height: 300 };

it("keeps the point below the pointer where it is", () => {
  const view = zoomed(FIT, 2, box, { x: 100, y: 50 });
  // A point at 100 in the middle's terms lay at 100 of the picture; it does so after.
  expect((100 - view.x) / view.scale).toBeCloseTo(100);
  expect((50 - view.y) / view.scale).toBeCloseTo(50);
});

it("never shows beside the picture, nor smaller than it fits, nor without an end", () => {
  expect(panned(zoomed(FIT, 2, box), 10_000, -10_000, box)).toEqual({ scale: 2, x: 200, y: -150 });
  expect(zoomed(zoomed(FIT, 4, box), 0.01, box)).toEqual(FIT);
  expect(zoomed(FIT, 1000, box).scale).toBe(LARGEST);
});

it("is moved by arrows only where there is more to see, so that they can mean something else", () => {
  expect(keyed(FIT, "ArrowLeft", box)).toBeNull();
  expect(keyed(zoomed(FIT, 2, box), "ArrowLeft", box)?.x).toBe(60);
  expect(keyed(zoomed(FIT, 2, box), "0", box)).toEqual(FIT);
});
