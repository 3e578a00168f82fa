/** One connection of server-sent events, read to its end, its drop, or its silence. */
import { type Connection, refusal } from "./connection.js";
import { AtelierError, NoStreams, Unreachable } from "./errors.js";
import { Decoder, type Message } from "./sse.js";

/** The studio gives a sign of life every 15 s: after three missed ones the connection is dead. */
const SILENCE_SECONDS = 45;

/**
 * The messages of one connection, from behind the event `last` on; `heard` is called with every sign of life.
 * Throws `NoStreams` where something else answers, `Refused`, and `Unreachable` for a connection that dies.
 */
export async function* listen(
  connection: Connection,
  path: string,
  last: string,
  signal: AbortSignal | undefined,
  heard: () => void,
): AsyncGenerator<Message> {
  const dead = new AbortController();
  const both = signal ? AbortSignal.any([signal, dead.signal]) : dead.signal;
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (last) headers["Last-Event-ID"] = last;
  const answer = await connection.attempt(path, { headers, signal: both });
  if (answer instanceof AtelierError) throw answer;
  if (!answer.ok) throw await refusal(answer);
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream") || answer.body === null) {
    await answer.body?.cancel();
    throw new NoStreams("something on the way answers in place of the studio's events");
  }
  const reader = answer.body.getReader();
  const decoder = new Decoder();
  const text = new TextDecoder();
  let watch: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      clearTimeout(watch);
      watch = setTimeout(() => dead.abort(), SILENCE_SECONDS * 1000);
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      clearTimeout(watch); // while the caller is at work, silence is not the studio's
      yield* decoder.feed(text.decode(value, { stream: true }));
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AtelierError) throw error;
    throw new Unreachable("the stream of events broke off", { cause: error });
  } finally {
    clearTimeout(watch);
    await reader.cancel().catch(() => undefined);
  }
}
