import type { FoundImage } from "@openapi";
import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { bestFile, conditionsOf, type Refused } from "./zip";

const file = (format: string, size?: string) => ({ format, size: size ?? null, url: format, size_bytes: 1 }) as never;
const refused = (place: number, acknowledge?: string): Refused => ({
  image: { asset_id: `pic_${place}` } as FoundImage,
  place,
  problem: new Problem(403, {
    code: "licence_restricted",
    message: "no",
    ...(acknowledge ? { acknowledge } : {}),
  } as never),
});

test("a picture is its own PNG before all else", () => {
  expect(bestFile([file("webp"), file("png", "64x64"), file("png")])?.format).toBe("png");
  expect(bestFile([file("png", "64x64"), file("avif")])?.format).toBe("avif");
  expect(bestFile([])).toBeNull();
});

test("each condition is read once, and what nothing lifts stays apart", () => {
  const { texts, lifted, lost } = conditionsOf([
    refused(1, "Name the author."),
    refused(2),
    refused(3, "Name the author."),
  ]);
  expect(texts).toEqual(["Name the author."]);
  expect(lifted.map((one) => one.place)).toEqual([1, 3]);
  expect(lost.map((one) => one.place)).toEqual([2]);
});
