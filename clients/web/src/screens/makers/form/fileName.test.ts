import { describe, expect, it } from "vitest";
import { bytesOf, idFrom } from "./fileName";

describe("the name of a file", () => {
  it("makes an id that the library takes", () => {
    expect(idFrom("My Icons (v2).safetensors")).toBe("my-icons-v2");
    expect(idFrom("__ø.SAFETENSORS")).toBe("");
    expect(idFrom("x".repeat(80))).toHaveLength(64);
  });

  it("comes with a size that people read", () => {
    expect(bytesOf(12)).toBe("1 kB");
    expect(bytesOf(18_400_000)).toBe("18.4 MB");
  });
});
