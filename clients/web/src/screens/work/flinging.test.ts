import { expect, test } from "vitest";
import { isFling, type Motion, movedOn } from "./flinging";

const HEIGHT = 900;
const still: Motion = { at: 0, top: 0, fast: 0 };

/** Frames of 16 ms, each so many pixels further. */
const scrolled = (pixels: number, frames: number, from = still) =>
  Array.from({ length: frames }, (_, frame) => frame + 1).reduce(
    (motion, frame) => movedOn(motion, from.at + frame * 16, from.top + frame * pixels, HEIGHT),
    from,
  );

test("reading is no fling, however long", () => {
  expect(isFling(scrolled(20, 100))).toBe(false);
});

test("going on fast is one, in either direction", () => {
  expect(isFling(scrolled(300, 5))).toBe(true);
  expect(isFling(scrolled(-300, 5, { at: 0, top: 90_000, fast: 0 }))).toBe(true);
});

test("so is going on fast where frames are slow", () => {
  const jerky = [1, 2, 3].reduce((motion, frame) => movedOn(motion, frame * 240, frame * 3000, HEIGHT), still);
  expect(isFling(jerky)).toBe(true);
});

test("a jump to a place is none", () => {
  expect(isFling(movedOn(still, 16, 50_000, HEIGHT))).toBe(false);
});

test("one slow frame ends it, and so does a pause", () => {
  const fast = scrolled(300, 5);
  expect(isFling(movedOn(fast, fast.at + 16, fast.top + 10, HEIGHT))).toBe(false);
  expect(isFling(movedOn(fast, fast.at + 2000, fast.top + 900, HEIGHT))).toBe(false);
});
