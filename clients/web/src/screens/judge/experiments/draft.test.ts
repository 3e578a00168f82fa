import { describe, expect, it } from "vitest";
import { draftOf, EMPTY, entryOf, faultsOf, idOf, newWay, nextOf, wayAt } from "./draft";

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

describe("the next version of an experiment", () => {
  const body = {
    name: "Half",
    mode: "replay",
    arms: [
      { id: "champion", weight: 2 },
      { id: "half", weight: 1, overlay: { steps: { standard: 10 }, sampler: "euler" } },
      { id: "two", weight: 1, overlay: { loras: [{ id: "ink" }, { id: "wash" }], steps: { draft: 4, standard: 9 } } },
    ],
    scope: { asset_types: ["icon"], qualities: ["standard"] },
    criteria: ["style"],
    guardrails: [{ metric: "failure", max: 0.02 }],
    stop: { min_votes: 10, max_votes: 20, min_raters: 2 },
    exposure: 0.5,
    ballots: { sitting: 5 },
  };
  const entry = { id: "half", version: "1.2.0", body } as never;

  it("begins as that is, and says all that it said where nothing is changed", () => {
    const again = entryOf(draftOf(entry), ["draft", "standard"], nextOf(entry));
    expect([again.id, again.version]).toEqual(["half", "1.3.0"]);
    expect(again.body).toMatchObject(body);
  });
});
