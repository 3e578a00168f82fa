import { describe, expect, it } from "vitest";
import { newWay } from "../experiments/draft";
import { EMPTY, orderOf } from "./order";

describe("an order to compare", () => {
  it("is none before there is a prompt, and two models or a way that changes something", () => {
    const prompted = { ...EMPTY, prompt: "a cup" };
    expect(orderOf({ ...EMPTY, models: ["mini", "klein"] })).toBeNull();
    expect(orderOf({ ...prompted, models: ["mini"] })).toBeNull();
    expect(orderOf({ ...prompted, by: "ways" })).toBeNull();
    expect(orderOf({ ...prompted, models: ["mini", "klein"] })).toMatchObject({
      prompt: "a cup",
      models: ["mini", "klein"],
      blind: true,
      seeds: 2,
    });
  });

  it("puts ways beside what is drawn today, on a prompt set whose types are its own", () => {
    const ways = [{ ...newWay(1), steps: "8", id: "eight" }];
    const order = orderOf({ ...EMPTY, on: "set", set: "house", by: "ways", ways, type: "icon", quality: "high" });
    expect(order).toMatchObject({
      prompt_set: "house",
      arms: [
        { id: "today", overlay: {} },
        { id: "eight", overlay: { steps: { high: 8 } } },
      ],
    });
    expect(order).not.toHaveProperty("asset_type");
  });
});
