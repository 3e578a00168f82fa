import { describe, expect, it } from "vitest";
import { lastDay, narrowings, questionOf, readSearch, toggled } from "./search";

const looking = { me: "ann", space: null };

describe("an address of the library", () => {
  it("is read for what it can mean, and for nothing else", () => {
    expect(readSearch({ tag: "red", month: "2026-13", colour: "zzz", sort: "biggest", favourite: "true" })).toEqual({
      tag: ["red"],
      favourite: true,
    });
  });

  it("asks for a whole month by its first and last day", () => {
    const question = questionOf(readSearch({ month: "2024-02" }), "", looking);
    expect([question.from, question.to]).toEqual(["2024-02-01", "2024-02-29"]);
    expect(lastDay("2026-12")).toBe("2026-12-31");
  });

  it("is about one's own pictures, a space's, or everybody's", () => {
    expect(questionOf({}, " fox ", looking)).toEqual({ q: "fox", owner: "ann" });
    expect(questionOf({ whose: "all" }, "", looking)).toEqual({});
    expect(questionOf({}, "", { me: "ann", space: "icons" })).toEqual({ space: "icons" });
  });
});

describe("facets", () => {
  it("add up for tags, and replace each other for all else", () => {
    const search = toggled(toggled({}, "tag", "a"), "tag", "b");
    expect(search.tag).toEqual(["a", "b"]);
    expect(toggled(search, "tag", "a").tag).toEqual(["b"]);
    expect(toggled({ model: "x" }, "model", "y").model).toBe("y");
    expect(toggled({ model: "x" }, "model", "x").model).toBeUndefined();
  });

  it("are each told with what is shown without them", () => {
    const found = narrowings({ model: "x", tag: ["a"], favourite: true });
    expect(found.map((one) => one.facet)).toEqual(["model", "tag", "favourite"]);
    expect(found[1]?.without).toEqual({ model: "x", tag: undefined, favourite: true });
  });
});
