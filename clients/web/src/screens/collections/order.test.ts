import { expect, it } from "vitest";
import { moveTo } from "./order";

const ids = ["a", "b", "c", "d"];

it("moves a picture on and back, and says behind which one it stands then", () => {
  expect(moveTo(ids, "a", 2)).toEqual({ ids: ["b", "c", "a", "d"], after: "c" });
  expect(moveTo(ids, "d", 1)).toEqual({ ids: ["a", "d", "b", "c"], after: "a" });
  expect(moveTo(ids, "c", 0)).toEqual({ ids: ["c", "a", "b", "d"], after: "" });
  expect(moveTo(ids, "a", 3)).toEqual({ ids: ["b", "c", "d", "a"], after: "d" });
});

it("does nothing at the ends, and with one that somebody else has taken out", () => {
  expect(moveTo(ids, "a", -1)).toBeNull();
  expect(moveTo(ids, "d", 9)).toBeNull();
  expect(moveTo(ids, "x", 1)).toBeNull();
});
