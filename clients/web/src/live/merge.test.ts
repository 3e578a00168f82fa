import type { ImageBody, JobBody } from "@openapi";
import { describe, expect, it } from "vitest";
import type { JobEvent } from "./happening";
import { later, mergeEvent, mergeProgress } from "./merge";

const image = (index: number) => ({ index, asset_id: `pic_${index}`, seed: index }) as unknown as ImageBody;

const job = (over: Partial<JobBody> = {}): JobBody =>
  ({
    job_id: "j",
    status: "queued",
    images: [],
    images_completed: 0,
    images_total: 4,
    progress: 0,
    started_at: null,
    ...over,
  }) as unknown as JobBody;

/** A newer studio tells of types that are not in the document that this app was built with. */
const event = (type: string, payload: object = {}) =>
  ({ job_id: "j", seq: 1, type, at: "2026-01-01T00:00:00Z", payload }) as JobEvent;

describe("a job and the events of its log", () => {
  it("runs once it was started", () => {
    const now = mergeEvent(job(), event("job.started"));
    expect(now.status).toBe("processing");
    expect(now.started_at).toBe("2026-01-01T00:00:00Z");
  });

  it("gains pictures in the order of their places, each once however often it is told", () => {
    const told = [event("job.image", { image: image(2) }), event("job.image", { image: image(0) })];
    const now = [...told, ...told].reduce(mergeEvent, job({ status: "processing" }));
    expect(now.images.map((one) => one.index)).toEqual([0, 2]);
    expect(now.images_completed).toBe(2);
  });

  it("stays as it ended", () => {
    const done = job({ status: "complete", progress: 1 });
    expect(mergeEvent(done, event("job.started"))).toBe(done);
    expect(mergeProgress(done, { progress: 0.2 } as never)).toBe(done);
  });

  it("never goes back in progress", () => {
    const now = mergeProgress(job({ progress: 0.5 }), { progress: 0.3, estimated_time_seconds: 2 } as never);
    expect(now.progress).toBe(0.5);
    expect(now.estimated_time_seconds).toBe(2);
  });

  it("takes an event that it does not know for no change", () => {
    const now = job({ status: "processing" });
    expect(mergeEvent(now, event("job.invented"))).toEqual(now);
  });
});

describe("a job that was read while events came", () => {
  it("keeps pictures that the reading was too early for", () => {
    const known = job({ status: "processing", images: [image(0), image(1)] });
    expect(later(known, job({ status: "processing", images: [image(0)] })).images).toHaveLength(2);
  });

  it("is the reading once that has ended, and what is known where that has", () => {
    const done = job({ status: "failed" });
    expect(later(job({ status: "processing" }), done)).toBe(done);
    expect(later(done, job({ status: "processing" }))).toBe(done);
  });
});
