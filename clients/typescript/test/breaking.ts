/** A studio of one job on loopback whose answers a test writes one after the other, as networks and proxies would. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Breaking {
  url: string;
  /** What was asked, in order: method, path, Last-Event-ID. */
  asked: string[];
  headers: IncomingMessage["headers"][];
  close(): Promise<void>;
}

/** `streams` answer the event streams and `others` everything else, in order; the last of each goes on answering. */
export async function breaking(streams: Answer[], others: Answer[]): Promise<Breaking> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const next = (answers: Answer[]) => (answers.length > 1 ? answers.shift() : answers[0]) as Answer;
  const server = createServer((request, response) => {
    const last = request.headers["last-event-id"];
    asked.push([request.method, request.url, ...(last ? [last] : [])].join(" "));
    headers.push(request.headers);
    next(request.url?.endsWith("/events") ? streams : others)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, headers, close };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
  };

/** A stream of these numbered events that then ends, or dies in the middle of a line. */
export const stream =
  (events: [number, string][], dies = false): Answer =>
  (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const [seq, type] of events) {
      const data = { job_id: "j", seq, type, at: "2026-01-01T00:00:00Z", payload: {} };
      response.write(`id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      response.write(`event: progress\ndata: {"job_id": "j", "progress": 0.5}\n\n`);
    }
    if (dies) response.write("id: 99\nevent: job.comp", () => response.destroy());
    else response.end();
  };
