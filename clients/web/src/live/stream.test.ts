import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Happening } from "./happening";
import { openStream, type StreamState } from "./stream";

const asked = vi.hoisted(() => vi.fn<(url: string, init: RequestInit) => Promise<Response>>());
vi.mock("@/api/client", () => ({ ask: asked }));

/** A stream that the test writes to and ends. */
function source() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
  return { answer: new Response(body), write, end: () => controller.close() };
}

const event = (id: string, name: string, data: unknown) =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const headersOf = (call: number) => asked.mock.calls[call]?.[1].headers as Record<string, string>;

function follow() {
  const heard: Happening[] = [];
  const states: StreamState[] = [];
  const opened: boolean[] = [];
  const stop = openStream({
    happened: (what) => heard.push(what),
    opened: (replayed) => opened.push(replayed),
    state: (state) => states.push(state),
  });
  return { heard, states, opened, stop };
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  asked.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the stream of a tab", () => {
  it("tells what happens, in pieces as they come", async () => {
    const one = source();
    asked.mockResolvedValueOnce(one.answer);
    const { heard, states, opened, stop } = follow();
    const text = event("7", "job.image", { job_id: "j", payload: {} });
    one.write(text.slice(0, 20));
    one.write(text.slice(20));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(states).toEqual(["live"]);
    expect(opened).toEqual([false]);
    stop();
  });

  it("comes back with the last event that it has heard, and is told what it missed", async () => {
    const [one, two] = [source(), source()];
    asked.mockResolvedValueOnce(one.answer).mockResolvedValueOnce(two.answer);
    const { heard, opened, stop } = follow();
    one.write(event("41", "job.started", { job_id: "j", payload: {} }));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    one.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(headersOf(0)["Last-Event-ID"]).toBeUndefined();
    expect(headersOf(1)["Last-Event-ID"]).toBe("41");
    expect(opened).toEqual([false, true]);
    stop();
  });

  it("has everything read again where the studio does not know what was missed", async () => {
    const one = source();
    asked.mockResolvedValueOnce(one.answer);
    const { opened, stop } = follow();
    one.write(event("90", "reset", {}));
    await vi.waitFor(() => expect(opened).toEqual([false, false]));
    stop();
  });

  it("is away after a break, and gives up on streams after four without an event", async () => {
    asked.mockRejectedValue(new TypeError("nobody answers"));
    const { states, stop } = follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states.slice(0, 4)).toEqual(["away", "away", "away", "polling"]);
    stop();
  });

  it("comes back at once when the machine is online again", async () => {
    asked.mockRejectedValue(new TypeError("nobody answers"));
    const { stop } = follow();
    await vi.advanceTimersByTimeAsync(60_000);
    const before = asked.mock.calls.length;
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.mock.calls.length).toBe(before + 1);
    stop();
  });

  it("takes silence for the end of a connection", async () => {
    const one = source();
    let signal: AbortSignal | null | undefined;
    asked.mockImplementationOnce(async (_, init) => {
      signal = init.signal;
      return one.answer;
    });
    const { stop } = follow();
    await vi.advanceTimersByTimeAsync(41_000);
    expect(signal?.aborted).toBe(true);
    stop();
  });

  it("says nothing more once it is stopped", async () => {
    const one = source();
    asked.mockResolvedValueOnce(one.answer);
    const { states, stop } = follow();
    await vi.waitFor(() => expect(states).toEqual(["live"]));
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
