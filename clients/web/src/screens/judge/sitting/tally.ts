import type { RevealedBallot } from "@openapi";

/** How often an arm was preferred, of how often it was shown. */
export interface ArmTally {
  arm: string;
  chosen: number;
  shown: number;
}

export interface Tally {
  arms: ArmTally[];
  tie: number;
  bothBad: number;
  skipped: number;
  /** Hidden checks whose better picture is known: how many were passed, of how many. */
  passed: number;
  checks: number;
}

/** A sitting in numbers, the most preferred arm first. Hidden checks count for no arm, as in the results. */
export function tally(ballots: readonly RevealedBallot[]): Tally {
  const counted = ballots.filter((ballot) => !ballot.check);
  const names = [...new Set(counted.flatMap((ballot) => ballot.arms))];
  const votes = counted.filter((ballot) => ballot.choice !== "skip");
  const arms = names.map((arm) => ({
    arm,
    chosen: votes.filter((ballot) => ballot.chosen === arm).length,
    shown: votes.filter((ballot) => ballot.arms.includes(arm)).length,
  }));
  const known = ballots.filter((ballot) => typeof ballot.passed === "boolean");
  const count = (choice: string) => counted.filter((ballot) => ballot.choice === choice).length;
  return {
    arms: arms.sort((a, b) => b.chosen / (b.shown || 1) - a.chosen / (a.shown || 1) || a.arm.localeCompare(b.arm)),
    tie: count("tie"),
    bothBad: count("both_bad"),
    skipped: count("skip"),
    passed: known.filter((ballot) => ballot.passed).length,
    checks: known.length,
  };
}
