/** What of an entry is looked at, as it stands in the address. */
export const ENTRY_TABS = ["content", "versions", "diff", "try", "history"] as const;
export type EntryTab = (typeof ENTRY_TABS)[number];

export interface EntrySearch {
  tab?: EntryTab;
  /** The version that is shown; the live one, else the newest, if absent. */
  version?: string;
  /** The two versions of a comparison. */
  from?: string;
  to?: string;
}

export function readEntrySearch(search: Record<string, unknown>): EntrySearch {
  const tab = ENTRY_TABS.find((one) => one === search.tab);
  const read: EntrySearch = {};
  if (tab) read.tab = tab;
  for (const name of ["version", "from", "to"] as const) {
    const said = search[name];
    if (typeof said === "string") read[name] = said;
  }
  return read;
}

/** What is added: a new thing, or a new version of the one that has this id. */
export function readNewSearch(search: Record<string, unknown>): { id?: string } {
  return search.id === undefined ? {} : { id: String(search.id) };
}
