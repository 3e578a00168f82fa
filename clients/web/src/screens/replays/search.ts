/** What the address says of a picture drawn again: the job that is looked at; the newest, if none. */
export interface ReplaySearch {
  job?: string;
}

export const readReplaySearch = ({ job }: Record<string, unknown>): ReplaySearch =>
  typeof job === "string" && job !== "" ? { job } : {};
