import type { FoundImage } from "@openapi";

export type Mode = "side" | "slider" | "difference";
export const MODES: readonly Mode[] = ["side", "slider", "difference"];
export const MOST = 4;

/** What the address says: which pictures, in their order, how they are shown, and which two where two count. */
export interface CompareSearch {
  ids: string[];
  view?: Mode;
  pair?: [number, number];
}

export function readCompare(raw: Record<string, unknown>): CompareSearch {
  const listed = Array.isArray(raw.ids) ? raw.ids : typeof raw.ids === "string" ? raw.ids.split(",") : [];
  const ids = [...new Set(listed.filter((one): one is string => typeof one === "string" && one !== ""))].slice(0, MOST);
  const view = MODES.includes(raw.view as Mode) && raw.view !== "side" ? (raw.view as Mode) : undefined;
  return { ids, view, pair: pairOf(raw.pair, ids.length) };
}

function pairOf(raw: unknown, count: number): [number, number] | undefined {
  if (!Array.isArray(raw) || raw.length !== 2) return undefined;
  const [a, b] = raw;
  const within = (place: unknown) => Number.isInteger(place) && Number(place) >= 0 && Number(place) < count;
  return within(a) && within(b) && a !== b ? [Number(a), Number(b)] : undefined;
}

/** All ways to choose two of so many. */
export function pairs(count: number): [number, number][] {
  return Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, b): [number, number] => [a, a + b + 1]),
  );
}

/** The pictures in the next order: of two the other way round, of more each one place on. */
export const rotated = <T>(all: readonly T[]): T[] => [...all.slice(1), ...all.slice(0, 1)];

/** A setting of the pictures, one value for each. */
export interface Setting {
  name: string;
  values: string[];
  differs: boolean;
}

/** What they were made with, side by side; those that differ first. */
export function settingsOf(images: readonly FoundImage[]): Setting[] {
  const of = (name: string, value: (image: FoundImage) => unknown): Setting => {
    const values = images.map((image) => String(value(image) ?? ""));
    return { name, values, differs: new Set(values).size > 1 };
  };
  const score = (image: FoundImage, name: string) => {
    const value: unknown = image.scores[name];
    return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
  };
  const scores = [...new Set(images.flatMap((image) => Object.keys(image.scores)))].sort();
  const settings = [
    of("prompt", (image) => image.prompt),
    of("asset type", (image) => image.asset_type),
    of("quality", (image) => image.quality),
    of("model", (image) => image.model),
    of("LoRAs", (image) => image.loras.join(", ")),
    of("seed", (image) => image.seed),
    of("size", (image) => `${image.width} × ${image.height}`),
    of("licence", (image) => image.licence?.notice.label),
    ...scores.map((name) => of(name.replaceAll("_", " "), (image) => score(image, name))),
  ];
  return settings
    .filter((one) => one.values.some((value) => value !== ""))
    .sort((a, b) => Number(b.differs) - Number(a.differs));
}
