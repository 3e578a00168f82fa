import type { Interval } from "@openapi";

/** Shares and measures as results tell them. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const percentBetween = ({ value, low, high }: Interval): string =>
  `${percent(value)} (${Math.round(low * 100)} to ${Math.round(high * 100)})`;

export const between = ({ value, low, high }: Interval): string =>
  `${signed(value)} (${signed(low)} to ${signed(high)})`;

function signed(value: number): string {
  const told = Math.abs(value).toFixed(2);
  if (told === "0.00") return told;
  return (value > 0 ? "+" : "−") + told;
}

/** An e-value as one reads it: two digits, and no more than a thousand. */
export function evidence(value: number): string {
  if (value >= 1000) return "over 1,000";
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

/** How far evidence is on its way from none (1) to enough, by its logarithm: it multiplies. */
export function evidenceShare(value: number, enough: number): number {
  if (value <= 1) return 0;
  return Math.min(1, Math.log(value) / Math.log(enough));
}
