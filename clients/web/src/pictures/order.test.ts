import { expect, it } from "vitest";
import { keepOrder, neighboursOf } from "./order";

it("leads from a picture to those beside it, and nowhere from one that is not in the list", () => {
  keepOrder(["a", "b", "c"]);
  expect(neighboursOf("b")).toEqual({ before: "a", after: "c", place: 2, of: 3 });
  expect(neighboursOf("x").of).toBe(0);
});
