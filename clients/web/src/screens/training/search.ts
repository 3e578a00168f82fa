/** What of these screens is looked at: in the address, so that a link shows the same. */
const word = (said: unknown): string | undefined => (typeof said === "string" && said ? said.slice(0, 200) : undefined);

export const SHOWN = ["all", "found", "bare", "unread", "unknown"] as const;
export type Shown = (typeof SHOWN)[number];

export interface DatasetSearch {
  /** The newest, or what is in use, if absent. */
  version?: string | undefined;
  show?: Shown | undefined;
  /** The finding whose pictures are shown, by its place in the list. */
  finding?: number | undefined;
}

export function readDatasetSearch(said: Record<string, unknown>): DatasetSearch {
  const finding = Number(said.finding);
  return {
    version: word(said.version),
    show: SHOWN.find((one) => one === said.show && one !== "all"),
    finding: said.finding !== undefined && Number.isInteger(finding) && finding >= 0 ? finding : undefined,
  };
}

export interface OrderSearch {
  /** ID or ID@VERSION. */
  dataset?: string | undefined;
  /** The training that it is to be like. */
  like?: string | undefined;
}

export const readOrderSearch = (said: Record<string, unknown>): OrderSearch => ({
  dataset: word(said.dataset),
  like: word(said.like),
});

export const TABS = ["run", "judge", "settings"] as const;

export interface TrainingSearch {
  tab?: (typeof TABS)[number] | undefined;
}

export const readTrainingSearch = (said: Record<string, unknown>): TrainingSearch => ({
  tab: TABS.find((tab) => tab === said.tab && tab !== "run"),
});
