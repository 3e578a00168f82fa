import { describe, expect, it } from "vitest";
import { EMPTY, orderOf, promptsOf, seedsOf } from "./draft";

describe("a batch that is written as a list", () => {
  it("has a row for each line that says something", () => {
    expect(promptsOf("a red bicycle\r\n\n  a kettle  \n")).toEqual(["a red bicycle", "a kettle"]);
  });

  it("is not sent before it says something", () => {
    expect(orderOf({ ...EMPTY, prompts: " \n " })).toBeNull();
  });

  it("says only what is swept", () => {
    const order = orderOf({
      ...EMPTY,
      name: "spring",
      prompts: "a kettle",
      qualities: ["draft", "high"],
      loras: "icons@0.4, icons@0.8",
    });
    expect(order).toEqual({
      kind: "prompts",
      body: {
        name: "spring",
        prompts: ["a kettle"],
        skip_invalid: false,
        qualities: ["draft", "high"],
        loras: ["icons@0.4", "icons@0.8"],
      },
    });
  });
});

describe("seeds", () => {
  it("are whole numbers below 2^32", () => {
    expect(seedsOf("1, 2,4294967295")).toEqual([1, 2, 4294967295]);
    for (const wrong of ["4294967296", "-1", "1.5", "one"]) expect(seedsOf(wrong)).toBeNull();
  });
});

describe("a batch from a file", () => {
  it("is sent as a form", () => {
    const file = new File(["prompt\na kettle"], "rows.csv", { type: "text/csv" });
    const order = orderOf({
      ...EMPTY,
      from: "file",
      file,
      assetTypes: ["icon", "logo_illustration"],
      skipInvalid: true,
    });
    if (order?.kind !== "file") throw new Error("it is no file");
    expect(Object.fromEntries(order.form)).toMatchObject({
      asset_types: "icon,logo_illustration",
      skip_invalid: "true",
    });
  });
});
