/** One request after another: who asks, when to try again, and what an answer means. */
import type { ErrorDetail } from "../../openapi.js";
import { type AtelierError, Refused, UnexpectedAnswer, Unreachable } from "./errors.js";
import { pause } from "./pause.js";

export interface Options {
  /** An access token or an API key; a function is asked anew for each request. */
  token?: string | (() => string | Promise<string>);
  /** The space that you work for; home without one. */
  space?: string;
  /** How often a request is tried again when the studio is away or busy (4). */
  retries?: number;
  /** Seconds in which an answer must begin (30). */
  timeout?: number;
  /** In place of the global one. */
  fetch?: typeof fetch;
}

export interface Request {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Seconds in which an answer must begin, where they are others than usual. */
  timeout?: number;
}

const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const LONGEST_WAIT = 30;

export class Connection {
  readonly base: URL;

  constructor(
    base: string | URL,
    private readonly options: Options = {},
  ) {
    const url = new URL(base);
    if (!/^https?:$/.test(url.protocol)) throw new TypeError(`${url} is no http(s) address`);
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    this.base = url;
  }

  /** A path of the API, or an absolute address as it is. */
  url(path: string): URL {
    return new URL(path.replace(/^\//, ""), this.base);
  }

  /** What the studio answers as JSON. Throws `Refused`, `Unreachable` and `UnexpectedAnswer`. */
  async json<T>(path: string, request: Request = {}): Promise<T> {
    const answer = await this.send(path, request);
    try {
      return (await answer.json()) as T;
    } catch (error) {
      request.signal?.throwIfAborted();
      throw new UnexpectedAnswer(`${answer.url} did not answer as Atelier does: is this its address?`, {
        cause: error,
      });
    }
  }

  /** An answer that is a success; tried again while that makes sense: what creates something carries a key. */
  async send(path: string, request: Request = {}): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt(path, request);
      if (outcome instanceof Response && outcome.ok) return outcome;
      const error = outcome instanceof Response ? await refusal(outcome) : outcome;
      const wait = attempt < (this.options.retries ?? 4) ? waitBefore(attempt, error) : null;
      if (wait === null) throw error;
      await pause(wait, request.signal);
    }
  }

  /** One try. Throws what aborted it. */
  async attempt(path: string, request: Request): Promise<Response | AtelierError> {
    const url = this.url(path);
    const ours = new AbortController();
    const timer = setTimeout(() => ours.abort(), (request.timeout ?? this.options.timeout ?? 30) * 1000);
    const signal = request.signal ? AbortSignal.any([request.signal, ours.signal]) : ours.signal;
    try {
      return await (this.options.fetch ?? fetch)(url, {
        method: request.method ?? "GET",
        headers: await this.headers(url, request),
        signal,
        cache: "no-store",
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      const reason = ours.signal.aborted ? "took too long to answer" : "does not answer";
      return new Unreachable(`${this.base.origin} ${reason}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Who asks is shown to the studio alone, never to a place that an answer links to. */
  private async headers(url: URL, request: Request): Promise<Record<string, string>> {
    const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
    if (request.body !== undefined) headers["Content-Type"] = "application/json";
    if (url.origin !== this.base.origin) return headers;
    const { token, space } = this.options;
    if (space) headers["X-Atelier-Space"] = space;
    const shown = typeof token === "function" ? await token() : token;
    if (shown) headers.Authorization = `Bearer ${shown}`;
    return headers;
  }
}

/** What an answer that is no success means. */
export async function refusal(answer: Response): Promise<Refused | UnexpectedAnswer> {
  const seconds = Number.parseFloat(answer.headers.get("Retry-After") ?? "");
  const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
  const said: unknown = await answer.json().catch(() => null);
  const detail = (said as { error?: Partial<ErrorDetail> } | null)?.error;
  if (typeof detail?.code === "string" && typeof detail.message === "string") {
    return new Refused(answer.status, detail as ErrorDetail, retryAfter);
  }
  if (BUSY.has(answer.status)) {
    const message = `${answer.url} answered ${answer.status}: try again later`;
    return new Refused(answer.status, { code: "", message } as ErrorDetail, retryAfter);
  }
  return new UnexpectedAnswer(`${answer.url} answered ${answer.status} and not as Atelier does: is this its address?`);
}

/** Whether an error goes by itself. */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && BUSY.has(error.status));
}

/** Seconds before the next try, or null where none makes sense. */
function waitBefore(attempt: number, error: AtelierError): number | null {
  if (!isPassing(error)) return null;
  if (error instanceof Refused) {
    if (error.retryAfter !== undefined) return error.retryAfter <= LONGEST_WAIT ? error.retryAfter : null;
    if (error.code === "quota_reached") return null;
  }
  return Math.min(LONGEST_WAIT, 0.5 * 2 ** attempt) * (0.1 + 0.9 * Math.random());
}
