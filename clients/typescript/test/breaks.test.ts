import { afterEach, describe, expect, it } from "vitest";
import { Atelier, JobCanceled, JobFailed, NoStreams, Refused, UnexpectedAnswer, Unreachable } from "../src/index.js";
import { type Answer, type Breaking, breaking, json, stream } from "./breaking.js";

const job = (status: string, error?: object) => json(200, { job_id: "j", status, images: [], error });
const html =
  (status: number): Answer =>
  (_, response) => {
    response.writeHead(status, { "Content-Type": "text/html" }).end("<h1>No</h1>");
  };

let studio: Breaking | undefined;
afterEach(() => studio?.close());

async function answering(streams: Answer[], others: Answer[], options = {}): Promise<Atelier> {
  studio = await breaking(streams, others);
  return new Atelier(studio.url, options);
}

describe("events of a job", () => {
  it("come once and in order through a stream that ends, one that dies and a proxy that is busy", async () => {
    const client = await answering(
      [
        stream([[1, "job.queued"]]),
        stream([[1, "job.queued"], [2, "job.started"], [3, "job.stage"]], true), // biome-ignore format: a log is a line
        html(502),
        stream([[4, "job.image"], [5, "job.complete"], [6, "job.image"]]), // biome-ignore format: a log is a line
      ],
      [],
    );
    const seen: number[] = [];
    for await (const event of client.events("j")) if ("seq" in event) seen.push(event.seq);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(studio?.asked).toEqual(["", " 1", " 3", " 3"].map((last) => `GET /jobs/j/events${last}`));
  });

  it("go on from where the caller was, and end though it has seen the end already", async () => {
    const client = await answering([stream([[5, "job.complete"]])], []);
    const seen = [];
    for await (const event of client.events("j", { after: 5 })) seen.push(event);
    expect(seen).toEqual([]);
    expect(studio?.asked).toEqual(["GET /jobs/j/events 4"]);
  });

  it("throw what a studio refuses, at once", async () => {
    const refused = { error: { code: "not_found", message: "job j is not there", field: null, allowed: null } };
    const client = await answering([json(404, refused)], []);
    const error = await client
      .events("j")
      .next()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status: 404, code: "not_found", message: "job j is not there", name: "Refused" });
  });

  it("are given up after patience", async () => {
    const client = await answering([html(503)], []);
    const began = Date.now();
    await expect(client.events("j", { patience: 0.5 }).next()).rejects.toThrow("503");
    expect(Date.now() - began).toBeGreaterThan(400);
  });

  it("stop with the reason of their signal, wherever they are", async () => {
    const stopped = new AbortController();
    const hanging: Answer = (_, response) =>
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(":\n");
    const client = await answering([hanging], []);
    setTimeout(() => stopped.abort(new Error("enough")), 200);
    await expect(client.events("j", { signal: stopped.signal }).next()).rejects.toThrow("enough");
  });
});

describe("waiting", () => {
  it("does without streams where something on the way refuses them", async () => {
    const client = await answering([html(200)], [job("processing"), html(502), job("complete")]);
    expect(await client.wait("j")).toMatchObject({ status: "complete" });
    await expect(client.events("j").next()).rejects.toBeInstanceOf(NoStreams);
  });

  it("throws how a job ended, with the job", async () => {
    const end: [number, string][] = [[1, "job.failed"]];
    const client = await answering([stream(end)], [job("failed", { code: "deadline", message: "too late" })]);
    await expect(client.wait("j")).rejects.toMatchObject({ message: "too late", job: { job_id: "j" } });
    await expect(client.wait("j")).rejects.toBeInstanceOf(JobFailed);
    await studio?.close();
    const other = await answering([stream([[1, "job.canceled"]])], [job("canceled")]);
    await expect(other.wait("j")).rejects.toBeInstanceOf(JobCanceled);
  });

  it("cancels the job with its signal where that is asked for", async () => {
    const hanging: Answer = (_, response) =>
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(":\n");
    const client = await answering([hanging], [job("canceled")]);
    await expect(client.wait("j", { signal: AbortSignal.timeout(200), cancels: true })).rejects.toThrow();
    expect(studio?.asked).toEqual(["GET /jobs/j/events", "DELETE /jobs/j"]);
  });
});

describe("requests", () => {
  it("are sent again with the same key while the studio is busy", async () => {
    const busy = json(503, { error: { code: "unavailable", message: "later" } }, { "Retry-After": "0" });
    const client = await answering([], [busy, busy, json(202, { job_id: "j", status: "queued" })]);
    expect(await client.submit({ prompt: "a lamp" })).toMatchObject({ job_id: "j" });
    const keys = studio?.headers.map((headers) => headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys?.[0]).toMatch(/.{16}/);
  });

  it("show who asks to the studio alone", async () => {
    const client = await answering([], [job("complete")], { token: async () => "secret", space: "team" });
    const other = await breaking([], [json(200, {})]);
    try {
      await client.job("j");
      expect(studio?.headers[0]).toMatchObject({ authorization: "Bearer secret", "x-atelier-space": "team" });
      await client.content({ files: [{ format: "png", url: `${other.url}/x.png` }] } as never);
      expect(other.headers[0]).not.toHaveProperty("authorization");
      expect(other.headers[0]).not.toHaveProperty("x-atelier-space");
    } finally {
      await other.close();
    }
  });

  it("tell a studio that is away from what is none", async () => {
    const client = await answering([], [html(200)], { retries: 0 });
    await expect(client.job("j")).rejects.toBeInstanceOf(UnexpectedAnswer);
    await studio?.close();
    await expect(client.job("j")).rejects.toBeInstanceOf(Unreachable);
    expect(() => new Atelier("ftp://x")).toThrow("no http(s) address");
    expect(() => client.job("..")).toThrow("job's id");
  });

  it("keep an id one piece of the path", async () => {
    const client = await answering([], [job("complete")]);
    await client.job("../models?x");
    expect(studio?.asked).toEqual(["GET /jobs/..%2Fmodels%3Fx"]);
  });
});
