import type { FileLink } from "@openapi";
import { describe, expect, it } from "vitest";
import { bySize, fileName, forUse } from "./files";

const file = (format: string, size?: string) =>
  ({ format, size: size ?? null, media_type: "", size_bytes: 1, url: `/${format}` }) as FileLink;

describe("a picture's files", () => {
  it("are told by size, its own first and the others from large to small", () => {
    const sizes = bySize([file("png", "64x64"), file("png"), file("webp"), file("png", "256x256")], {
      width: 512,
      height: 512,
    });
    expect(sizes.map(({ width, files }) => [width, files.length])).toEqual([
      [512, 2],
      [256, 1],
      [64, 1],
    ]);
  });

  it("keep the size that their address names when they are wanted for something", () => {
    expect(forUse("/a.png?size=64x64", "product")).toBe("/a.png?size=64x64&use=product");
    expect(forUse("/a.png", "internal")).toBe("/a.png?use=internal");
  });

  it("are named by their words in any script, and by nothing that a disk would not take", () => {
    expect(fileName("A red/bicycle: <b>", "job-abc123", "jpeg")).toBe("a-red-bicycle-b-abc123.jpg");
    expect(fileName("دراجة حمراء", "x", "png")).toBe("دراجة-حمراء-x.png");
    expect(fileName("🚲", "x", "svg", "64x64")).toBe("picture-x-64x64.svg");
    expect(fileName("a".repeat(10_000), "x", "png").length).toBeLessThan(60);
  });
});
