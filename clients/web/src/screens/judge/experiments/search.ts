import type { Reading } from "@/api/experiments";

export const TABS = ["results", "arms", "runs", "log"] as const;

/** What of an experiment is looked at: in the address, so that a link shows the same. */
export interface ExperimentSearch extends Reading {
  tab?: (typeof TABS)[number] | undefined;
}

const PARTS = ["asset_type", "quality"] as const;

export function readSearch(said: Record<string, unknown>): ExperimentSearch {
  const phase = Number(said.phase);
  return {
    tab: TABS.find((tab) => tab === said.tab),
    by: PARTS.find((part) => part === said.by),
    judge: typeof said.judge === "string" && said.judge ? said.judge : undefined,
    style: said.style === true || undefined,
    phase: Number.isInteger(phase) && phase > 0 ? phase : undefined,
  };
}
