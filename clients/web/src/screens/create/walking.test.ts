import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { steered } from "./form/mask";
import { keyFor } from "./ordering";
import { walk, withPrompt } from "./promptHistory";
import { fieldOf, sentenceOf } from "./refusals";
import { shownFile } from "./results/files";
import { nextPlace } from "./results/roving";
import { toggled } from "./results/selection";

describe("the history of prompts", () => {
  it("is walked through, and comes back to what was being written", () => {
    const prompts = ["newest", "older"];
    const own = { at: -1, own: "half a" };
    const first = walk(prompts, own, 1);
    const second = walk(prompts, first.walk, 1);
    expect([first.prompt, second.prompt]).toEqual(["newest", "older"]);
    expect(walk(prompts, second.walk, 1).prompt).toBe("older");
    expect(walk(prompts, walk(prompts, second.walk, -1).walk, -1).prompt).toBe("half a");
  });

  it("has each prompt once, newest first", () => {
    expect(withPrompt(["a", "b"], "b")).toEqual(["b", "a"]);
  });
});

describe("a press", () => {
  it("is the same order when it comes twice, and another one later", () => {
    const body = { prompt: "a fox" };
    const first = keyFor(body, 0);
    expect(keyFor(body, 300)).toBe(first);
    expect(keyFor({ prompt: "an owl" }, 400)).not.toBe(first);
  });
});

describe("a refusal", () => {
  const refusal = (field: string, message: string, allowed: string[] | null = null) =>
    new Problem(422, { code: "x", message, field, allowed });
  it("is shown at the field that it is about, without its name", () => {
    const problem = refusal("loras.0.strength", "loras.0.strength: must be 2 or less");
    expect([fieldOf(problem), sentenceOf(problem)]).toEqual(["loras", "Must be 2 or less"]);
  });
  it("says what is allowed where it does not say so itself", () => {
    expect(sentenceOf(refusal("size", "choose one of 1x1", ["1x1", "2x2"]))).toBe("Choose one of 1x1 (2x2)");
  });
});

describe("arrow keys", () => {
  const grid = [0, 1, 2, 3].map((at) => ({ x: (at % 2) * 100, y: Math.floor(at / 2) * 100 }));
  it("go along a row in order, and up and down by column", () => {
    expect(nextPlace("ArrowRight", 1, grid)).toBe(2);
    expect(nextPlace("ArrowDown", 1, grid)).toBe(3);
    expect(nextPlace("ArrowUp", 2, grid)).toBe(0);
  });
  it("stay where there is nothing further", () => {
    expect(nextPlace("ArrowUp", 0, grid)).toBeNull();
    expect(nextPlace("ArrowRight", 3, grid)).toBeNull();
  });
  it("keep the brush on the sheet", () => {
    expect(steered("ArrowLeft", [3, 50], 20, { width: 100, height: 100 })).toEqual([0, 50]);
    expect(steered("a", [3, 50], 20, { width: 100, height: 100 })).toBeNull();
  });
});

describe("a selection", () => {
  it("has at most four pictures, the newest of them", () => {
    expect(["a", "b", "c", "d", "e"].reduce<string[]>((now, id) => toggled(now, id), [])).toEqual(["b", "c", "d", "e"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});

describe("the files of a picture", () => {
  const file = (format: "png" | "webp" | "svg", size: string | null = null) => ({
    format,
    size,
    media_type: "",
    size_bytes: 1,
    url: `${format}${size ?? ""}`,
  });
  it("are looked at by the lightest one of its own size", () => {
    expect(shownFile([file("png"), file("webp", "64x64"), file("svg")])?.url).toBe("png");
    expect(shownFile([file("png"), file("webp")])?.url).toBe("webp");
  });
});
