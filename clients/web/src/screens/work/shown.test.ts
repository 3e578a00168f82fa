import type { FoundImage, ImagesPage } from "@openapi";
import { expect, it } from "vitest";
import { shownOf } from "./shown";

const page = (...ids: string[]): ImagesPage => ({
  images: ids.map((id) => ({ asset_id: id }) as FoundImage),
  next: null,
});
const ids = (images: FoundImage[]) => images.map((one) => one.asset_id).join("");

it("puts pictures that are newer than the pages before them, each once", () => {
  expect(ids(shownOf([page("c", "b"), page("a")], page("e", "d", "c", "b"), true))).toBe("edcba");
  expect(ids(shownOf([page("c", "b")], page("c", "b"), true))).toBe("cb");
});

it("shows the pages alone where the oldest come first, or where what is newer does not reach to them", () => {
  expect(ids(shownOf([page("a", "b")], page("b", "a"), false))).toBe("ab");
  expect(ids(shownOf([page("c")], page("x", "y"), true))).toBe("c");
});

it("shows the first pictures of somebody who had none", () => {
  expect(ids(shownOf([page()], page("a"), true))).toBe("a");
});
