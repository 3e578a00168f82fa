import type { BallotBody } from "@openapi";
import { describe, expect, it } from "vitest";
import { AHEAD, after, begin, type Happened, holding, progress, type Said, type Sitting, wanted } from "./sitting";

const ballot = (place: number, of = 40): BallotBody => ({
  id: `b${place}`,
  prompt: `prompt ${place}`,
  choices: ["left", "right", "tie", "both_bad", "skip"],
  criteria: [],
  left: "l",
  right: "r",
  pictures: ["l", "r"],
  width: 96,
  height: 64,
  place,
  of,
  expires_at: "2026-03-01T12:15:00Z",
});
const said = (choice: string): Said => ({ choice, criteria: {}, dwellMs: 900 });
const run = (sitting: Sitting, ...events: Happened[]) => events.reduce(after, sitting);
const lent = (...places: number[]): Happened => ({
  type: "lent",
  ballots: places.map((place) => ballot(place)),
  note: null,
});
const ids = (of: readonly { id: string }[]) => of.map((one) => one.id);

describe("a sitting", () => {
  it("answers the ballot that is shown, and shows the next one at once", () => {
    const now = run(begin(), lent(1, 2, 3), { type: "answered", said: said("left") });
    expect(ids(now.queue)).toEqual(["b2", "b3"]);
    expect(now.outbox).toEqual([{ ...said("left"), id: "b1", tried: false }]);
    expect(progress(now)).toEqual({ done: 1, of: 40 });
  });

  it("asks for as many ballots as it wants ahead, and for none beyond the sitting", () => {
    expect(wanted(begin())).toBe(AHEAD + 1);
    expect(wanted(run(begin(), lent(1, 2)))).toBe(AHEAD - 1);
    expect(wanted(run(begin(), lent(1, 2, 3, 4)))).toBe(0);
    expect(wanted(run(begin(), lent(39)))).toBe(1);
    expect(wanted(run(begin(), lent(39, 40)))).toBe(0);
    // The last vote is on its way: the studio is about to say that the sitting is over.
    const last = run(begin(), lent(40), { type: "answered", said: said("left") });
    expect(wanted(last)).toBe(0);
    expect(wanted(run(last, { type: "refused", id: "b40" }))).toBe(AHEAD + 1);
  });

  it("asks for no more once it was told why there are none", () => {
    const now = run(begin(), { type: "lent", ballots: [], note: "you have seen all" });
    expect([now.note, wanted(now)]).toEqual(["you have seen all", 0]);
  });

  it("is lent no ballot twice, and keeps the newest end of its lease", () => {
    const later = { ...ballot(1), expires_at: "2026-03-01T12:30:00Z" };
    const now = run(begin(), lent(1, 2), { type: "lent", ballots: [later, ballot(3)], note: null });
    expect(ids(now.queue)).toEqual(["b1", "b2", "b3"]);
    expect(now.queue[0]?.expires_at).toBe(later.expires_at);
    const sent = run(now, { type: "answered", said: said("tie") }, lent(1));
    expect(ids(sent.queue)).toEqual(["b2", "b3"]);
  });

  it("takes an answer back that was not sent, as if it had not been given", () => {
    const now = run(begin(), lent(1, 2), { type: "answered", said: said("left") }, { type: "undone" });
    expect(ids(now.queue)).toEqual(["b1", "b2"]);
    expect([now.outbox, now.given]).toEqual([[], []]);
  });

  it("sends an answer that may have arrived once more before the one that takes its place", () => {
    const now = run(
      begin(),
      lent(1, 2),
      { type: "answered", said: said("left") },
      { type: "tried", id: "b1" },
      { type: "undone" },
      { type: "answered", said: said("right") },
    );
    expect(now.outbox.map((one) => [one.id, one.choice, one.tried])).toEqual([
      ["b1", "left", true],
      ["b1", "right", false],
    ]);
    const taken = run(now, { type: "taken", id: "b1", vote: 1, over: false });
    expect(taken.outbox.map((one) => one.choice)).toEqual(["right"]);
    expect(taken.votes).toEqual({ b1: 1 });
  });

  it("keeps an answer that could not be sent until it is taken or refused", () => {
    const offline = run(begin(), lent(1, 2), { type: "answered", said: said("left") }, { type: "tried", id: "b1" });
    const more = run(offline, { type: "answered", said: said("right") });
    expect(ids(more.outbox)).toEqual(["b1", "b2"]);
    expect(holding(more)).toEqual(["b1", "b2"]);
    expect(ids(run(more, { type: "refused", id: "b1" }).outbox)).toEqual(["b2"]);
  });

  it("is over with its last answer: nothing is taken back or answered any more", () => {
    const now = run(
      begin(),
      lent(1, 2),
      { type: "answered", said: said("left") },
      { type: "taken", id: "b1", vote: 1, over: true },
    );
    expect(run(now, { type: "undone" })).toEqual(now);
    expect(run(now, { type: "answered", said: said("tie") })).toEqual(now);
    const next = run(now, { type: "begun" });
    expect([ids(next.queue), next.given, next.over]).toEqual([["b2"], [], false]);
  });

  it("asks once more for a ballot whose pictures are not to be had, and then for others", () => {
    const gone: Happened = { type: "gone", id: "b1" };
    const once = run(begin(), lent(1, 2), gone);
    expect([ids(once.queue), holding(once)]).toEqual([["b2"], ["b2"]]);
    const twice = run(once, lent(1), gone);
    expect(holding(twice)).toEqual(["b2", "b1"]);
    expect(ids(run(twice, lent(1, 3)).queue)).toEqual(["b2", "b3"]);
  });
});
