import type { VersionBody } from "@openapi";
import { describe, expect, it } from "vitest";
import { pairOf, shown } from "./pairs";

const version = (of: string, ...marks: string[]) => ({ version: of, marks }) as unknown as VersionBody;

describe("the versions that one compares first", () => {
  it("are what is live and the candidate", () => {
    const all = [version("1.3.0"), version("1.2.0", "candidate"), version("1.1.0", "live")];
    expect(pairOf(all)).toEqual(["1.1.0", "1.2.0"]);
  });

  it("are what is live and the newest, where nothing is a candidate", () => {
    expect(pairOf([version("1.2.0"), version("1.1.0"), version("1.0.0", "live")])).toEqual(["1.0.0", "1.2.0"]);
  });

  it("are the newest two where the newest is live, or nothing is", () => {
    expect(pairOf([version("1.1.0", "live"), version("1.0.0")])).toEqual(["1.0.0", "1.1.0"]);
    expect(pairOf([version("1.2.0", "live"), version("1.1.0"), version("1.0.0")])).toEqual(["1.1.0", "1.2.0"]);
    expect(pairOf([version("1.1.0"), version("1.0.0")])).toEqual(["1.0.0", "1.1.0"]);
  });

  it("are none of one", () => {
    expect(pairOf([version("1.0.0", "live")])).toBeNull();
  });
});

describe("a value that has changed", () => {
  it("is read in lines, not in braces", () => {
    expect(shown(["png", "webp"])).toBe("png, webp");
    expect(shown([{ name: "Sky", colour: "#ffffff" }])).toBe("name: Sky  ·  colour: #ffffff");
    expect(shown(0.5)).toBe("0.5");
  });
});
