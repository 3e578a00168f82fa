import { describe, expect, it } from "vitest";
import type { Training } from "@/api/trainings";
import type { Happening, JobEvent } from "@/live/happening";
import { heldOut, learned, least, pathOf, scaleOf, smoothed, ticksOf } from "./curve";
import { heard } from "./merge";

const training = (over: Partial<Training> = {}) =>
  ({
    job_id: "t",
    status: "processing",
    step: 10,
    steps: 200,
    loss: 0.5,
    losses: { "10": 0.5 },
    progress: 0.05,
    estimated_time_seconds: 60,
    checkpoints: [],
    ...over,
  }) as Training;

const progress = (over: object): Happening => ({
  name: "progress",
  data: {
    type: "progress",
    job_id: "t",
    index: 0,
    stage: "training",
    label: "training",
    step: 0,
    steps: 0,
    progress: 0.1,
    estimated_time_seconds: 50,
    ...over,
  },
});
const log = (type: string, payload: object): Happening => ({
  name: "log",
  event: { job_id: "t", seq: 1, type, at: "2026-01-01T00:00:00Z", payload: { ...payload } } as JobEvent,
});

describe("a training and what is heard of it", () => {
  it("goes on by steps, and takes the time that is left from what is measured", () => {
    const now = heard(training(), progress({ step: 20, loss: 0.4 }));
    expect(now).toMatchObject({ step: 20, loss: 0.4, progress: 0.1, estimated_time_seconds: 50 });
  });

  it("never goes back, and stays as it ended", () => {
    expect(heard(training(), progress({ step: 5, loss: 0.9, progress: 0.02 }))).toMatchObject({
      step: 10,
      progress: 0.05,
    });
    const done = training({ status: "complete" });
    expect(heard(done, progress({ step: 20, loss: 0.4 }))).toBe(done);
  });

  it("gains a point of its curve, and a step that was taken again counts once", () => {
    const once = heard(training(), log("job.loss", { step: 20, loss: 0.4, eta_seconds: 1 }));
    const twice = once && heard(once, log("job.loss", { step: 20, loss: 0.41, eta_seconds: 1 }));
    expect(twice?.losses).toEqual({ "10": 0.5, "20": 0.41 });
  });

  it("is read again where something was kept or has ended, and not for others", () => {
    expect(heard(training(), log("job.checkpoint", { step: 20 }))).toBeNull();
    const other = { ...log("job.complete", {}) } as Extract<Happening, { name: "log" }>;
    const mine = training();
    expect(heard(mine, { ...other, event: { ...other.event, job_id: "other" } })).toBe(mine);
  });
});

describe("the curve of a loss", () => {
  it("is in the order of its steps, not of their names", () => {
    expect(learned({ "10": 1, "9": 2, "100": 3 }).map((one) => one.step)).toEqual([9, 10, 100]);
  });

  it("of held-out pictures is the mean over shares of noise", () => {
    const checkpoints: Training["checkpoints"] = [
      { step: 50, adapter: "a", held_out: { "0.1": 0.2, "0.9": 0.4 }, samples: [] },
      { step: 100, adapter: "b", held_out: {}, samples: [] },
    ];
    const [only, none] = heldOut(checkpoints);
    expect(only?.step).toBe(50);
    expect(only?.loss).toBeCloseTo(0.3);
    expect(none).toBeUndefined();
  });

  it("lies within its box, whatever the first step was", () => {
    const points = Array.from({ length: 100 }, (_, i) => ({ step: i + 1, loss: i === 0 ? 900 : 1 / (i + 1) }));
    const scale = scaleOf(points, 100, 600, 200);
    const ys = points.map((one) => scale.y(one.loss));
    expect(Math.min(...ys)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ys)).toBeLessThanOrEqual(200);
    expect(scale.y(0.1)).toBeGreaterThan(20);
    expect(pathOf(points.slice(1, 3), scale)).toMatch(/^M12\.0 [\d.]+L18\.0 [\d.]+$/);
  });

  it("has round figures beside it", () => {
    expect(ticksOf(0, 200, 5)).toEqual([0, 50, 100, 150, 200]);
    expect(ticksOf(0.13, 0.52, 4)).toEqual([0.2, 0.3, 0.4, 0.5]);
    expect(ticksOf(1, 1, 4)).toEqual([]);
  });

  it("loses its noise, and nothing of where it is least", () => {
    const flat = smoothed(Array.from({ length: 40 }, (_, i) => ({ step: i, loss: i % 2 })));
    expect(Math.abs((flat[39]?.loss ?? 0) - 0.5)).toBeLessThan(0.12);
    expect(
      least([
        { step: 1, loss: 3 },
        { step: 2, loss: 1 },
      ])?.step,
    ).toBe(2);
  });
});
