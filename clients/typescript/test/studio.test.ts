/** Against a studio that paints; `tests/clients/test_typescript.py` starts it and says where it is. */
import { describe, expect, it } from "vitest";
import { Atelier, type Event, type OwnEvent, Refused } from "../src/index.js";

const ADDRESS = process.env.ATELIER_URL;
const PNG = [0x89, 0x50, 0x4e, 0x47];

describe.skipIf(ADDRESS === undefined)("a studio that runs", () => {
  const studio = new Atelier(ADDRESS);

  it("draws what is asked for, tells of it as it happens, and hands out the files", async () => {
    const accepted = await studio.submit({ prompt: "a red bicycle", quality: "draft", num_variations: 2, seed: 7 });
    const heard: Event[] = [];
    const job = await studio.wait(accepted, { onEvent: (event) => heard.push(event) });
    expect(job).toMatchObject({ status: "complete", images_completed: 2 });
    const lines = heard.flatMap((event) => ("seq" in event ? [event.seq] : []));
    expect(lines).toEqual(lines.map((_, index) => index + 1));
    const pictures = heard.flatMap((event) => (event.type === "job.image" ? [event.payload.image.seed] : []));
    expect(pictures.sort()).toEqual([7, 8]);
    expect(heard.at(-1)?.type).toBe("job.complete");

    const [picture] = job.images;
    if (picture === undefined) throw new Error("no picture");
    const bytes = await studio.content(picture);
    expect([...bytes.slice(0, 4)]).toEqual(PNG);
    const whole = new Uint8Array(await new Response(await studio.download(picture)).arrayBuffer());
    expect(whole).toEqual(bytes);
    await expect(studio.content(picture, "bmp")).rejects.toThrow("no bmp file, only");

    const listed = [];
    for await (const one of studio.jobs({ pageSize: 1 })) listed.push(one.job_id);
    expect(listed).toContain(job.job_id);
  });

  it("plans without drawing, and refuses by field what it cannot do", async () => {
    const planned = await studio.plan({ prompt: "a blue chair", quality: "draft" });
    expect(planned.estimated_time_seconds).toBeGreaterThan(0);
    const error = await studio.submit({ prompt: "x", quality: "none" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status: 422, field: "quality" });
    expect((error as Refused).allowed).toContain("draft");
  });

  it("tells of all jobs, and from a cursor on what was missed", async () => {
    const stopped = new AbortController();
    const heard: OwnEvent[] = [];
    let job = "";
    const done = (async () => {
      for await (const event of studio.allEvents({ signal: stopped.signal })) {
        heard.push(event);
        if (event.type === "hello") job = (await studio.submit({ prompt: "a lamp", quality: "draft" })).job_id;
        if (event.type === "job.complete" && event.job_id === job) return;
      }
    })();
    await done;
    expect(heard[0]?.type).toBe("hello");
    const cursor = heard.find((event) => event.type === "job.queued")?.cursor;
    const again: string[] = [];
    for await (const event of studio.allEvents({ cursor: cursor ?? "" })) {
      again.push(event.type);
      if (event.type === "job.complete") break;
    }
    const missed = heard.slice(heard.findIndex((event) => event.type === "job.queued") + 1);
    expect(again.filter((type) => type.startsWith("job."))).toEqual(
      missed.flatMap((event) => (event.type.startsWith("job.") ? [event.type] : [])),
    );
  });
});
