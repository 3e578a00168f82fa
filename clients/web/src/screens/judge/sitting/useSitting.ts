import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { castVote, lendBallots } from "@/api/experiments";
import { asProblem, type Problem } from "@/api/problem";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { keepVotes, keptVotes } from "./outbox";
import { after, begin, holding, type Said, type Sitting, supersedes, wanted } from "./sitting";

const AGAIN_MS = 2_000;
/** Ballots are lent for 15 minutes: before that they are asked for anew. */
const RENEW_MS = 12 * 60_000;

export interface SittingHandle {
  sitting: Sitting;
  /** Why no ballots could be had. */
  problem: Problem | null;
  /** Votes wait for the network. */
  waiting: boolean;
  answer: (said: Said) => void;
  undo: () => void;
  gone: (id: string) => void;
  end: () => void;
  /** The next sitting. */
  goOn: () => void;
  retry: () => void;
}

/** A rater's sitting, and what goes to and fro for it. */
export function useSitting(experiment: string, rater: string): SittingHandle {
  const [sitting, tell] = useReducer(after, null, () => begin(keptVotes(rater, experiment)));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [waiting, setWaiting] = useState(false);
  const [turn, again] = useReducer((count: number) => count + 1, 0);
  const latest = useRef(sitting);
  latest.current = sitting;
  const lending = useRef(false);
  const sending = useRef(false);

  const lend = useCallback(
    async (count: number, held: string[]) => {
      if (lending.current) return;
      lending.current = true;
      try {
        const { ballots, note } = await lendBallots(experiment, count, held);
        tell({ type: "lent", ballots, note: note ?? null });
        setProblem(null);
      } catch (error) {
        setProblem(asProblem(error));
      } finally {
        lending.current = false;
        again();
      }
    },
    [experiment],
  );

  // Enough ballots ahead.
  const count = wanted(sitting);
  useEffect(() => {
    if (count === 0 || turn < 0) return undefined;
    const ask = () => void lend(count, holding(latest.current));
    if (problem) return problem.passes ? later(ask, problem.retryAt) : undefined;
    ask();
    return undefined;
  }, [count, problem, lend, turn]);

  // Before the lease ends: the same ballots, for another while.
  useEffect(() => {
    const timer = setInterval(() => {
      const { queue, outbox } = latest.current;
      if (queue.length) void lend(queue.length, [...new Set(outbox.map((one) => one.id))]);
    }, RENEW_MS);
    return () => clearInterval(timer);
  }, [lend]);

  // One vote after the other, each until the studio has it.
  const next = sitting.outbox[0];
  useEffect(() => {
    keepVotes(rater, experiment, sitting.outbox);
  }, [rater, experiment, sitting.outbox]);
  useEffect(() => {
    if (!next || sending.current || turn < 0) return;
    sending.current = true;
    tell({ type: "tried", id: next.id });
    const vote = { choice: next.choice, criteria: next.criteria, dwell_ms: next.dwellMs };
    castVote(next.id, { ...vote, supersedes: supersedes(latest.current, next.id) })
      .then(
        (taken) => {
          setWaiting(false);
          tell({ type: "taken", id: next.id, vote: taken.vote, over: taken.revealed });
        },
        (error: unknown) => failed(asProblem(error), next.id),
      )
      .finally(() => {
        sending.current = false;
        again();
      });

    async function failed(problem: Problem, id: string) {
      if (problem.passes) {
        setWaiting(true);
        await pause(problem.retryAt);
      } else if (problem.status === 410 && (await isLentAgain(id))) {
        return;
      } else {
        setWaiting(false);
        tell({ type: "refused", id });
        toast(texts.judge.sitting.lost(problem.message), { tone: "bad" });
      }
    }

    /** Too late: the ballot comes back to the rater who left it unanswered first, and takes the same answer. */
    async function isLentAgain(id: string): Promise<boolean> {
      const others = holding(latest.current).filter((one) => one !== id);
      const lent = await lendBallots(experiment, 1, others).catch(() => null);
      return lent?.ballots.some((ballot) => ballot.id === id) ?? false;
    }
  }, [next, experiment, turn]);

  return {
    sitting,
    problem,
    waiting,
    answer: (said) => tell({ type: "answered", said }),
    undo: () => tell({ type: "undone" }),
    gone: useCallback((id: string) => tell({ type: "gone", id }), []),
    end: () => tell({ type: "ended" }),
    goOn: () => tell({ type: "begun" }),
    retry: () => {
      tell({ type: "asked" });
      setProblem(null);
      again();
    },
  };
}

function later(run: () => void, at: number | null): () => void {
  const timer = setTimeout(run, Math.max(AGAIN_MS, (at ?? 0) - Date.now()));
  return () => clearTimeout(timer);
}

/** Until it is worth another try: a while, or the moment the network is back. */
function pause(at: number | null): Promise<void> {
  return new Promise((done) => {
    const cancel = later(finish, at);
    addEventListener("online", finish, { once: true });
    function finish() {
      cancel();
      removeEventListener("online", finish);
      done();
    }
  });
}
