import { describe, expect, it } from "vitest";
import { Decoder } from "../src/sse.js";

const MESSAGES = [
  { event: "job.image", data: '{"a":\n"\u2028 日本"}', id: "7" },
  { event: "message", data: "plain", id: undefined },
];
const written = (newline: string) =>
  [
    ": ping",
    "id: 7",
    "event: job.image",
    'data: {"a":',
    'data:"\u2028 日本"}',
    "",
    "event: lost",
    "",
    "data: plain",
    "",
    "",
  ].join(newline);

describe("server-sent events", () => {
  it.each(["\n", "\r\n", "\r"])("are the same wherever they are cut (%j)", (newline) => {
    const text = `${written(newline)}:`; // what follows a CR says that it was no half of a CRLF
    for (let at = 0; at <= text.length; at++) {
      const decoder = new Decoder();
      const found = [...decoder.feed(text.slice(0, at)), ...decoder.feed(text.slice(at))];
      expect(found).toEqual(MESSAGES);
    }
  });
});
