import type { Sending } from "./sitting";

/** Votes that the studio does not have yet, kept for as long as this browser has them: a reload loses none. */
const keyOf = (rater: string, experiment: string) => `atelier.votes.${rater}.${experiment}`;

export function keptVotes(rater: string, experiment: string): Sending[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(rater, experiment)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isVote).map((vote) => ({ ...vote, tried: true })) : [];
  } catch {
    return [];
  }
}

export function keepVotes(rater: string, experiment: string, outbox: readonly Sending[]): void {
  if (outbox.length) localStorage.setItem(keyOf(rater, experiment), JSON.stringify(outbox));
  else localStorage.removeItem(keyOf(rater, experiment));
}

function isVote(kept: unknown): kept is Sending {
  const vote = kept as Partial<Sending> | null;
  return typeof vote?.id === "string" && typeof vote.choice === "string" && typeof vote.criteria === "object";
}
