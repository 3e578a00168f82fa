import type { Training } from "@/api/trainings";

export interface Point {
  step: number;
  loss: number;
}

/** The loss of what it learns from, by step. */
export const learned = (losses: Training["losses"]): Point[] =>
  Object.entries(losses)
    .map(([step, loss]) => ({ step: Number(step), loss }))
    .filter(({ step, loss }) => Number.isFinite(step) && Number.isFinite(loss))
    .sort((one, other) => one.step - other.step);

/** The mean loss of held-out pictures over shares of noise, by step; none where nothing is held out. */
export const heldOut = (checkpoints: Training["checkpoints"]): Point[] =>
  checkpoints.flatMap(({ step, held_out }) => {
    const loss = meanOf(Object.values(held_out));
    return loss === null ? [] : [{ step, loss }];
  });

export const meanOf = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The same with its noise taken out: an average in which what lies `reach` points back counts little. */
export function smoothed(points: readonly Point[], reach = 8): Point[] {
  const keep = 1 - 1 / Math.max(1, Math.min(reach, points.length / 4));
  let [sum, weight] = [0, 0];
  return points.map(({ step, loss }) => {
    sum = sum * keep + loss;
    weight = weight * keep + 1;
    return { step, loss: sum / weight };
  });
}

export const least = (points: readonly Point[]): Point | null =>
  points.reduce<Point | null>((best, one) => (best === null || one.loss < best.loss ? one : best), null);

export interface Scale {
  x: (step: number) => number;
  y: (loss: number) => number;
  /** Where lines of the grid lie: round figures within the range. */
  ticks: { x: number[]; y: number[] };
}

/** Where points lie in a box of that size. The highest two in a hundred are cut off: a first step may be far above all. */
export function scaleOf(points: readonly Point[], steps: number, width: number, height: number): Scale {
  const losses = points.map((one) => one.loss).sort((a, b) => a - b);
  const low = losses[0] ?? 0;
  const high = losses[Math.floor((losses.length - 1) * 0.98)] ?? 1;
  const room = (high - low || high || 1) * 0.08;
  const [from, to] = [Math.max(0, low - room), high + room];
  const x = (step: number) => (Math.min(step, steps) / Math.max(1, steps)) * width;
  const y = (loss: number) => height - ((Math.min(Math.max(loss, from), to) - from) / (to - from)) * height;
  return { x, y, ticks: { x: ticksOf(0, steps, 5), y: ticksOf(from, to, 4) } };
}

/** Round figures, about `count` of them. */
export function ticksOf(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export const pathOf = (points: readonly Point[], { x, y }: Pick<Scale, "x" | "y">): string =>
  points.map(({ step, loss }, i) => `${i === 0 ? "M" : "L"}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join("");

/** A loss as it is written: three figures that say something. */
export const lossText = (loss: number): string => (loss >= 100 ? loss.toFixed(0) : loss.toPrecision(3));
