import { createParser } from "eventsource-parser";
import { ask } from "@/api/client";
import { at } from "@/api/root";
import type { Happening } from "./happening";
import { readHappening } from "./happening";

/** `live`: events come; `away`: they will again; `polling`: streams do not get through, so things are asked for. */
export type StreamState = "connecting" | "live" | "away" | "polling";

interface Listener {
  happened(what: Happening): void;
  /** The stream is open from `now` on; what was missed before it began has to be read, `first` time or after a gap. */
  opened(replayed: boolean): void;
  state(state: StreamState): void;
}

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** The studio sends a sign of life every 15 s; after this long without one the connection is dead. */
const SILENCE_MS = 40_000;
/** After which failures without a single event in between, streams are taken not to get through. */
const FAILURES = 4;

/**
 * One stream of events for this tab. Any drop is normal: it comes back with jittered pauses and the id of the last event
 * it has heard, so that nothing is missed, and at once when the machine wakes up or is online again.
 */
export function openStream(listener: Listener): () => void {
  let last: string | null = null;
  let failures = 0;
  let stopped = false;
  let controller = new AbortController();
  let wake: (() => void) | null = null;

  const run = async () => {
    while (!stopped) {
      controller = new AbortController();
      try {
        await read(controller, last);
      } catch {
        // A drop of any kind: the same as an end.
      }
      if (stopped) return;
      failures += 1;
      listener.state(failures >= FAILURES ? "polling" : "away");
      await pause(failures);
    }
  };

  const read = async (of: AbortController, since: string | null) => {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (since !== null) headers["Last-Event-ID"] = since;
    const answer = await ask(at("events"), { headers, signal: of.signal, cache: "no-store" });
    if (!answer.ok || !answer.body) throw new Error(`the stream answered ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = createParser({
      onEvent(event) {
        // A newer stream of the same person has taken this one's place: taking it back at once would go on for ever.
        failures = event.event === "replaced" ? FAILURES : 0;
        if (event.id !== undefined && event.id !== "") last = event.id;
        const happening = readHappening(event.event, event.data);
        if (happening?.name === "reset") listener.opened(false);
        else if (happening) listener.happened(happening);
      },
    });
    listener.state("live");
    listener.opened(since !== null);
    let watchdog = setTimeout(() => of.abort(), SILENCE_MS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => of.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } finally {
      clearTimeout(watchdog);
    }
  };

  const pause = (times: number) => {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1));
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };

  const again = () => wake?.();
  const shown = () => {
    if (document.visibilityState === "visible") again();
  };
  addEventListener("online", again);
  document.addEventListener("visibilitychange", shown);
  run();
  return () => {
    stopped = true;
    controller.abort();
    wake?.();
    removeEventListener("online", again);
    document.removeEventListener("visibilitychange", shown);
  };
}
