import type { Hour } from "@/api/figures";

/** One bar: what it is of, in words, and the shares of it from below, of the highest bar's whole. */
export interface Bar {
  key: string;
  label: string;
  shares: readonly number[];
}

/** Bars that fill their chart: the highest is 1. Where there is nothing, all are 0. */
export function barsOf(
  hours: readonly Hour[],
  parts: (hour: Hour) => readonly number[],
  label: (hour: Hour) => string,
): Bar[] {
  const most = Math.max(...hours.map((hour) => sum(parts(hour))), 0);
  return hours.map((hour) => ({
    key: hour.at,
    label: label(hour),
    shares: parts(hour).map((part) => (most > 0 ? part / most : 0)),
  }));
}

/** How a day's jobs stand. */
export function outcomesOf(hours: readonly Hour[]) {
  const of = (name: "complete" | "failed" | "canceled" | "unfinished") => sum(hours.map((hour) => hour[name]));
  return {
    complete: of("complete"),
    failed: of("failed"),
    canceled: of("canceled"),
    unfinished: of("unfinished"),
  };
}

export const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
