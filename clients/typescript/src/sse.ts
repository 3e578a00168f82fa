/** Server-sent events from text, as the standard says: lines end with CR, LF or CRLF, and nothing else. */

export interface Message {
  event: string;
  data: string;
  id: string | undefined;
}

/** Feed it text as it arrives; it yields the messages that became complete. */
export class Decoder {
  private rest = "";
  private data: string[] = [];
  private event = "";
  private id: string | undefined;

  *feed(chunk: string): Generator<Message> {
    const text = this.rest + chunk;
    // A CR at the very end may be half of a CRLF: it waits for the next chunk.
    const held = text.endsWith("\r") ? "\r" : "";
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      if (line !== "") this.take(line);
      else if (this.data.length > 0) yield this.dispatch();
      else this.forget();
    }
  }

  private take(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
  }

  private dispatch(): Message {
    const message = { event: this.event || "message", data: this.data.join("\n"), id: this.id };
    this.forget();
    return message;
  }

  private forget(): void {
    this.data = [];
    this.event = "";
    this.id = undefined;
  }
}
