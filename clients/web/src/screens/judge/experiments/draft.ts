import type { ExperimentConfig, NewEntryBody } from "@openapi";

/** One way of drawing as it is filled in; empty fields change nothing. */
export interface WayDraft {
  /** Of this form alone, so that rows keep their places. */
  key: number;
  id: string;
  model: string;
  lora: string;
  strength: number;
  steps: string;
  guidance: string;
  weight: number;
}

export interface ExperimentDraft {
  name: string;
  /** Null: made of the name. */
  id: string | null;
  description: string;
  mode: ExperimentConfig["mode"];
  championWeight: number;
  ways: readonly WayDraft[];
  types: readonly string[];
  qualities: readonly string[];
  promptSet: string;
  least: number;
  most: number;
  raters: number;
  criteria: string;
  exposure: number;
  failures: string;
  ratio: string;
}

export const newWay = (key: number): WayDraft => ({
  key,
  id: "",
  model: "",
  lora: "",
  strength: 1,
  steps: "",
  guidance: "",
  weight: 1,
});

export const EMPTY: ExperimentDraft = {
  name: "",
  id: null,
  description: "",
  mode: "paired",
  championWeight: 1,
  ways: [newWay(1)],
  types: [],
  qualities: ["standard"],
  promptSet: "",
  least: 30,
  most: 240,
  raters: 3,
  criteria: "",
  exposure: 1,
  failures: "",
  ratio: "",
};

/** An id as the library takes it: small letters, digits and dashes. */
export const idOf = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 64);

/** What a way changes, in the fields of an overlay. `qualities` are those that its steps are for. */
export function overlayOf(way: WayDraft, qualities: readonly string[]): Record<string, unknown> {
  const steps = Number(way.steps);
  const guidance = Number(way.guidance);
  return {
    ...(way.model && { model: way.model }),
    ...(way.lora && { loras: [{ id: way.lora, strength: way.strength }] }),
    ...(way.steps.trim() && { steps: Object.fromEntries(qualities.map((quality) => [quality, steps])) }),
    ...(way.guidance.trim() && { guidance_scale: guidance }),
  };
}

/** What is wrong before anybody is asked, by field; ways by their place. */
export function faultsOf(draft: ExperimentDraft): { name: boolean; changesNothing: number[] } {
  const changesNothing = draft.ways.flatMap((way, i) => (Object.keys(overlayOf(way, ["any"])).length ? [] : [i]));
  return { name: !draft.name.trim(), changesNothing };
}

/** The name of a way: its own, or what it changes. */
export const wayId = (way: WayDraft, place: number): string =>
  idOf(way.id) || idOf(way.model || way.lora) || `way-${place + 1}`;

/** The entry of the library that a draft makes. `known` are all qualities that there are. */
export function entryOf(draft: ExperimentDraft, known: readonly string[]): NewEntryBody {
  const qualities = draft.qualities.length ? draft.qualities : known;
  const guardrails = [
    ...(draft.failures.trim() ? [{ metric: "failure", max: Number(draft.failures) / 100 }] : []),
    ...(draft.ratio.trim() ? [{ metric: "gpu_seconds", max_ratio: Number(draft.ratio) }] : []),
  ];
  const body = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    mode: draft.mode,
    scope: { asset_types: draft.types, qualities: draft.qualities },
    arms: [
      { id: "champion", weight: draft.championWeight },
      ...draft.ways.map((way, i) => ({
        id: wayId(way, i),
        weight: way.weight,
        overlay: overlayOf(way, qualities),
      })),
    ],
    ...(draft.promptSet && { prompt_set: draft.promptSet }),
    criteria: draft.criteria.split(/[\s,]+/).filter(Boolean),
    guardrails,
    stop: { min_votes: draft.least, max_votes: draft.most, min_raters: draft.raters },
    exposure: draft.exposure,
  };
  return { id: draft.id ?? idOf(draft.name), version: "1.0.0", body, mark: "live", notes: "" };
}

/** To which way a refusal's field belongs: `arms.2.overlay.model` is the second one; null where to none. */
export function wayAt(field: string | null): number | null {
  const found = /^(?:body\.)?arms\.(\d+)/.exec(field ?? "");
  return found ? Number(found[1]) - 1 : null;
}
