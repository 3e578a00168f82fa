import type { GrantWish } from "@openapi";

export type Purpose = NonNullable<GrantWish["purposes"]>[number];
export const PURPOSES: readonly Purpose[] = ["reference", "internal", "product"];

export interface GrantForm {
  covers: "licence" | "component";
  licence: string;
  component: string;
  purposes: readonly Purpose[];
  reference: string;
  space: string;
  /** Days, as in 2026-11-30; empty for now, and for no end. */
  since: string;
  until: string;
}

const startOf = (day: string, later = 0): string => {
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + later);
  return start.toISOString();
};

/** What is recorded. Its last day counts. */
export function grantWish(form: GrantForm): GrantWish {
  return {
    ...(form.covers === "licence" ? { licence: form.licence } : { component: form.component.trim() }),
    purposes: [...form.purposes],
    reference: form.reference.trim(),
    ...(form.space ? { space: form.space } : {}),
    ...(form.since ? { since: startOf(form.since) } : {}),
    ...(form.until ? { until: startOf(form.until, 1) } : {}),
  };
}
