import type { ErrorBody, ErrorDetail, paths } from "@openapi";
import createClient from "openapi-fetch";
import { currentSpace } from "@/app/space";
import { credentials, lost } from "@/session/token";
import { asProblem, Problem } from "./problem";
import { ROOT } from "./root";

/** Names the team that one works for. */
const SPACE = "X-Atelier-Space";

/** Like `fetch`, with who is signed in, and for whom; an answer that says "nobody is" tells the session so. */
export async function ask(request: Request | string, init?: RequestInit): Promise<Response> {
  const asked = new Request(request, init);
  for (const [name, value] of Object.entries(await credentials())) asked.headers.set(name, value);
  const space = currentSpace();
  if (space !== null && !asked.headers.has(SPACE)) asked.headers.set(SPACE, space);
  const answer = await fetch(asked);
  if (answer.status === 401) lost();
  return answer;
}

/** The API, typed by its document: `api.GET("/jobs/{job_id}", { params: { path: { job_id } } })`. */
export const api = createClient<paths>({ baseUrl: ROOT.href.replace(/\/$/, ""), fetch: ask });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a call answered; a `Problem` is thrown where it answered none. */
export async function told<T>(call: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!answered.response.ok) {
    throw new Problem(answered.response.status, detailOf(answered.error), answered.response.headers);
  }
  return answered.data as T;
}

/** A file of the studio, with who is signed in. */
export async function fetchBlob(url: string, signal?: AbortSignal): Promise<Blob> {
  let answer: Response;
  try {
    answer = await ask(url, { signal: signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer.blob();
}

/** Why an answer that is no success is none. */
export async function problemOf(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json().catch(() => null);
  return new Problem(answer.status, detailOf(body), answer.headers);
}

function detailOf(body: unknown): ErrorDetail | null {
  const detail = (body as ErrorBody | null | undefined)?.error;
  return typeof detail?.message === "string" ? detail : null;
}
