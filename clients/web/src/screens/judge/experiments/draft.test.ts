import { describe, expect, it } from "vitest";
import { EMPTY, entryOf, faultsOf, idOf, newWay, wayAt } from "./draft";

describe("a new experiment", () => {
  it("has an id of its name, as the library takes it", () => {
    expect(idOf("  Half vs. Full (December) ")).toBe("half-vs.-full-december");
    expect(idOf("💥")).toBe("");
    expect(idOf("a".repeat(90))).toHaveLength(64);
  });

  it("becomes an entry: the champion, and ways that change what was filled in", () => {
    const ways = [
      { ...newWay(1), id: "Half", steps: "10", weight: 3 },
      { ...newWay(2), model: "klein", lora: "ink", strength: 0.8, guidance: "0" },
    ];
    const entry = entryOf(
      { ...EMPTY, name: "Half", ways, types: ["icon"], promptSet: "house", criteria: "style, prompt", failures: "2" },
      ["draft", "standard"],
    );
    expect([entry.id, entry.mark]).toEqual(["half", "live"]);
    expect(entry.body).toMatchObject({
      mode: "paired",
      scope: { asset_types: ["icon"], qualities: ["standard"] },
      arms: [
        { id: "champion", weight: 1 },
        { id: "half", weight: 3, overlay: { steps: { standard: 10 } } },
        { id: "klein", overlay: { model: "klein", loras: [{ id: "ink", strength: 0.8 }], guidance_scale: 0 } },
      ],
      prompt_set: "house",
      criteria: ["style", "prompt"],
      guardrails: [{ metric: "failure", max: 0.02 }],
      stop: { min_votes: 30, max_votes: 240, min_raters: 3 },
    });
  });

  it("takes steps for every quality, where none is chosen", () => {
    const entry = entryOf({ ...EMPTY, qualities: [], ways: [{ ...newWay(1), steps: "4" }] }, ["draft", "high"]);
    expect(entry.body).toMatchObject({ arms: [{}, { overlay: { steps: { draft: 4, high: 4 } } }] });
  });

  it("says which way changes nothing, and to which one a refusal belongs", () => {
    expect(faultsOf(EMPTY)).toEqual({ name: true, changesNothing: [0] });
    expect([wayAt("arms.2.overlay.model"), wayAt("body.arms.1"), wayAt("stop.max_votes")]).toEqual([1, 0, null]);
  });
});
