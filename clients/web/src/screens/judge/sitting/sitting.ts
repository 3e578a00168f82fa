import type { BallotBody } from "@openapi";

/** What a rater says of a ballot. */
export interface Said {
  choice: string;
  criteria: Record<string, string>;
  dwellMs: number;
}

/** An answer on its way to the studio. It stays here until the studio has it, whatever the network does. */
export interface Sending extends Said {
  id: string;
  /** It may have arrived: it is sent once more as it is, before anything else is said of its ballot. */
  tried: boolean;
}

/** An answer that was given here. */
export interface Given extends Said {
  ballot: BallotBody;
}

/** One rater's sitting in this tab: ballots ahead, answers given, and those that the studio does not have yet. */
export interface Sitting {
  /** Lent and unanswered; the first one is shown. */
  queue: readonly BallotBody[];
  /** In the order in which they were given; the last one can be taken back. */
  given: readonly Given[];
  outbox: readonly Sending[];
  /** The number under which the studio counts an answer: what another answer supersedes. */
  votes: Readonly<Record<string, number>>;
  /** How often the pictures of a ballot were not to be had. */
  missed: Readonly<Record<string, number>>;
  /** Why no more ballots come. */
  note: string | null;
  /** All of its ballots are answered, or it was ended: answers stay as they are. */
  over: boolean;
}

export type Happened =
  | { type: "lent"; ballots: readonly BallotBody[]; note: string | null }
  | { type: "answered"; said: Said }
  | { type: "undone" }
  | { type: "tried"; id: string }
  | { type: "taken"; id: string; vote: number; over: boolean }
  | { type: "refused"; id: string }
  | { type: "gone"; id: string }
  | { type: "asked" }
  | { type: "ended" }
  | { type: "begun" };

/** How many ballots are at hand beside the one that is shown, their pictures fetched. */
export const AHEAD = 3;

export const begin = (outbox: readonly Sending[] = []): Sitting => ({
  queue: [],
  given: [],
  outbox,
  votes: {},
  missed: {},
  note: null,
  over: false,
});

/** The sitting after something has happened. */
export function after(sitting: Sitting, event: Happened): Sitting {
  switch (event.type) {
    case "lent":
      return lent(sitting, event.ballots, event.note);
    case "answered":
      return answered(sitting, event.said);
    case "undone":
      return undone(sitting);
    case "tried":
      return { ...sitting, outbox: sitting.outbox.map((one, i) => (i === 0 ? { ...one, tried: true } : one)) };
    case "taken":
      return {
        ...sitting,
        outbox: withoutFirst(sitting.outbox, event.id),
        votes: { ...sitting.votes, [event.id]: event.vote },
        over: sitting.over || event.over,
      };
    case "refused":
      return {
        ...sitting,
        outbox: withoutFirst(sitting.outbox, event.id),
        given: sitting.given.filter((one) => one.ballot.id !== event.id),
      };
    case "gone":
      return {
        ...sitting,
        queue: sitting.queue.filter((one) => one.id !== event.id),
        missed: { ...sitting.missed, [event.id]: (sitting.missed[event.id] ?? 0) + 1 },
      };
    case "asked":
      return { ...sitting, note: null };
    case "ended":
      return { ...sitting, over: true };
    case "begun":
      return { ...begin(sitting.outbox), queue: sitting.queue };
  }
}

/** Ballots that came: those that are known are lent for longer, others come last. */
function lent(sitting: Sitting, ballots: readonly BallotBody[], note: string | null): Sitting {
  const fresh = new Map(ballots.map((ballot) => [ballot.id, ballot]));
  const known = new Set([...sitting.queue, ...sitting.given.map((one) => one.ballot)].map((ballot) => ballot.id));
  const sent = new Set([...sitting.outbox.map((one) => one.id), ...hopeless(sitting)]);
  const more = ballots.filter((ballot) => !known.has(ballot.id) && !sent.has(ballot.id));
  const queue = [...sitting.queue.map((ballot) => fresh.get(ballot.id) ?? ballot), ...more];
  return { ...sitting, queue, note: ballots.length ? null : note };
}

function answered(sitting: Sitting, said: Said): Sitting {
  const [ballot, ...queue] = sitting.queue;
  if (!ballot || sitting.over) return sitting;
  return {
    ...sitting,
    queue,
    given: [...sitting.given, { ...said, ballot }],
    outbox: [...sitting.outbox, { ...said, id: ballot.id, tried: false }],
  };
}

/** The last answer is taken back: what was not sent never is; what was counts until there is another one. */
function undone(sitting: Sitting): Sitting {
  const last = sitting.given.at(-1);
  if (!last || sitting.over) return sitting;
  return {
    ...sitting,
    queue: [last.ballot, ...sitting.queue],
    given: sitting.given.slice(0, -1),
    outbox: sitting.outbox.filter((one) => one.tried || one.id !== last.ballot.id),
  };
}

function withoutFirst(outbox: readonly Sending[], id: string): readonly Sending[] {
  const place = outbox.findIndex((one) => one.id === id);
  return outbox.filter((_, i) => i !== place);
}

/** How many more ballots to ask for now. None beyond the sitting: who holds ballots is told no results. */
export function wanted({ queue, given, note, over }: Sitting): number {
  if (over || note !== null) return 0;
  const known = [...given.map((one) => one.ballot), ...queue];
  const last = Math.max(0, ...known.map((ballot) => ballot.place));
  const left = known.length ? Math.max(0, (known[0]?.of ?? 0) - last) : AHEAD + 1;
  return Math.min(Math.max(0, AHEAD + 1 - queue.length), left);
}

/** What the studio is told that is at hand here: other ballots come. */
export const holding = (sitting: Sitting): string[] => [
  ...new Set([...[...sitting.queue, ...sitting.outbox].map((one) => one.id), ...hopeless(sitting)]),
];

/** Ballots whose pictures did not come when they were lent anew, either. */
const hopeless = ({ missed }: Sitting): string[] => Object.keys(missed).filter((id) => (missed[id] ?? 0) > 1);

/** How far the sitting is: ballots before the one that is shown, of all. */
export function progress({ queue, given }: Sitting): { done: number; of: number } {
  const shown = queue[0] ?? given.at(-1)?.ballot;
  if (!shown) return { done: 0, of: 0 };
  return { done: queue[0] ? shown.place - 1 : shown.place, of: shown.of };
}

/** What an answer supersedes, as the studio counts: nothing, if it is the first one. */
export const supersedes = (sitting: Sitting, id: string): number | null => sitting.votes[id] ?? null;
