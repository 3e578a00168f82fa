import type { EntryBody, ExperimentConfig, NewEntryBody, Overlay } from "@openapi";
import { loraIn } from "@/screens/create/lora";
import { bump } from "@/screens/makers/semver";

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
  /** What else it changes, which this form has no field for. */
  rest: Readonly<Record<string, unknown>>;
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
  rest: {},
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

/** A new one: as it is drawn now, beside the same with a LoRA, in one version of it where that is named. */
export const withLora = (lora: string, strength = 1): ExperimentDraft => ({
  ...EMPTY,
  name: loraIn(lora),
  ways: [{ ...newWay(1), lora, strength }],
});

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
    ...way.rest,
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

/** A version that follows one, and what that says beyond the fields of the form. */
export interface Next {
  version: string;
  base: Readonly<Record<string, unknown>>;
}

export function nextOf({ version, body }: EntryBody): Next {
  const { id: _, version: __, ...base } = body as Record<string, unknown>;
  return { version: bump(version, "minor"), base };
}

/** The form as an experiment says it. What is left out of its body is as it usually is. */
export function draftOf({ id, body }: EntryBody): ExperimentDraft {
  const said = body as Partial<ExperimentConfig>;
  const [champion, ...others] = said.arms ?? [];
  const failures = said.guardrails?.find((one) => one.metric === "failure")?.max;
  const ratio = said.guardrails?.find((one) => one.metric === "gpu_seconds")?.max_ratio;
  return {
    ...EMPTY,
    id,
    name: said.name ?? id,
    description: said.description ?? "",
    mode: said.mode ?? EMPTY.mode,
    championWeight: champion?.weight ?? 1,
    ways: others.map((arm, place) => wayOf(place + 1, arm.id, arm.weight ?? 1, arm.overlay ?? {})),
    types: said.scope?.asset_types ?? [],
    qualities: said.scope?.qualities ?? [],
    promptSet: said.prompt_set ?? "",
    least: said.stop?.min_votes ?? EMPTY.least,
    most: said.stop?.max_votes ?? EMPTY.most,
    raters: said.stop?.min_raters ?? EMPTY.raters,
    criteria: (said.criteria ?? []).join(", "),
    exposure: said.exposure ?? 1,
    failures: failures == null ? "" : String(failures * 100),
    ratio: ratio == null ? "" : String(ratio),
  };
}

function wayOf(key: number, id: string, weight: number, overlay: Partial<Overlay>): WayDraft {
  const { model, loras, steps, guidance_scale, ...rest } = overlay;
  const [lora, ...more] = loras ?? [];
  const counts = [...new Set(Object.values(steps ?? {}))];
  return {
    ...newWay(key),
    id,
    weight,
    model: model ?? "",
    guidance: guidance_scale == null ? "" : String(guidance_scale),
    ...(lora && more.length === 0 ? { lora: lora.id, strength: lora.strength ?? 1 } : {}),
    ...(counts.length === 1 ? { steps: String(counts[0]) } : {}),
    rest: {
      ...rest,
      ...(more.length > 0 ? { loras } : {}),
      ...(counts.length > 1 ? { steps } : {}),
    },
  };
}

/** The entry of the library that a draft makes. `known` are all qualities that there are. */
export function entryOf(draft: ExperimentDraft, known: readonly string[], next?: Next): NewEntryBody {
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
  const version = next?.version ?? "1.0.0";
  return { id: draft.id ?? idOf(draft.name), version, body: { ...next?.base, ...body }, mark: "live", notes: "" };
}

/** To which way a refusal's field belongs: `arms.2.overlay.model` is the second one; null where to none. */
export function wayAt(field: string | null): number | null {
  const found = /^(?:body\.)?arms\.(\d+)/.exec(field ?? "");
  return found ? Number(found[1]) - 1 : null;
}
