// The REST API as functions. Every refusal is an ApiError, whoever it comes from.

/** @import { AssetTypesBody, ErrorDetail, GenerateBody, JobAccepted, JobBody, JobsPage, LorasBody, ModelsBody, PictureBody, PlanAnswer } from "../openapi.d.ts" */

/** Where the studio is, as a path that ends with a slash: a proxy may serve it below another site's root. */
export const ROOT = new URL("..", import.meta.url).pathname;

/**
 * What POST /generate takes: all but the prompt has a default. A seed that is no number is for the studio to refuse.
 * @typedef {Partial<Omit<GenerateBody, "seed">> & { prompt: string, seed?: number | string }} Order
 */

/** What the studio refused: `code` for programs, `message` for people, `field` where an input is at fault. */
export class ApiError extends Error {
  /**
   * @param {number} status the answer's, or 0 where there was none
   * @param {Partial<ErrorDetail> & { code: string, message: string }} detail
   * @param {number | null} [retryAfter] seconds
   */
  constructor(status, detail, retryAfter) {
    super(detail.message);
    this.status = status;
    this.code = detail.code;
    this.field = detail.field ?? null;
    this.allowed = detail.allowed ?? null;
    this.retryAfter = retryAfter ?? null;
  }

  /** The message, with what is allowed where it does not say so itself. */
  get sentence() {
    const names = this.allowed ?? [];
    const missing = names.filter((name) => !this.message.includes(name));
    const allowed = missing.length ? ` (allowed: ${names.join(", ")})` : "";
    const wait = this.retryAfter ? ` Try again in ${this.retryAfter} s.` : "";
    const text = this.message.replace(new RegExp(`^${this.field}: `), "");
    return text.charAt(0).toUpperCase() + text.slice(1) + allowed + wait;
  }
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path below ROOT
 * @param {{ body?: object, key?: string, signal?: AbortSignal }} [options] `body` is sent as JSON, a form as one; `key` makes a retry the same order
 * @returns {Promise<any>} the answer's body
 */
async function call(method, path, { body, key, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let response;
  try {
    response = await fetch(ROOT + path, { method, headers, signal, body: form ? body : body && JSON.stringify(body) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "unreachable", message: "the studio does not answer; is it running? (make run)" });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  const detail = answer?.error ?? { code: "unexpected", message: `the studio answered ${response.status}` };
  throw new ApiError(response.status, detail, Number(response.headers.get("Retry-After")) || null);
}

/** @param {string} id */
const path = (id) => `jobs/${encodeURIComponent(id)}`;

/** @type {(body: Order, key: string) => Promise<JobAccepted>} */
export const generate = (body, key) => call("POST", "generate", { body, key });
/** @type {(body: { job_id: string }, key: string) => Promise<JobAccepted>} */
export const regenerate = (body, key) => call("POST", "regenerate", { body, key });
/** @type {(body: { asset_id: string }, key: string) => Promise<JobAccepted>} */
export const drawLike = (body, key) => call("POST", "like", { body, key });
/** @type {(body: Order, signal: AbortSignal) => Promise<PlanAnswer>} */
export const plan = (body, signal) => call("POST", "generate", { body: { ...body, dry_run: true }, signal });
/** @type {(file: Blob, name: string) => Promise<PictureBody>} */
export const uploadPicture = (file, name) => {
  const body = new FormData();
  body.append("file", file, name);
  return call("POST", "pictures", { body });
};
/** @type {(id: string) => Promise<JobBody>} */
export const readJob = (id) => call("GET", path(id));
/** @type {(id: string) => Promise<JobBody>} */
export const cancelJob = (id) => call("DELETE", path(id));
/** @type {(limit: number, before?: string | null) => Promise<JobsPage>} */
export const listJobs = (limit, before) =>
  call("GET", `jobs?limit=${limit}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
/** @type {() => Promise<ModelsBody>} */
export const readModels = () => call("GET", "models");
/** @type {() => Promise<LorasBody>} */
export const readLoras = () => call("GET", "loras");
/** @type {() => Promise<AssetTypesBody>} */
export const readAssetTypes = () => call("GET", "asset-types");
/** @param {string} id */
export const eventsPath = (id) => `${ROOT}${path(id)}/events`;

/** @param {Pick<JobBody, "status">} job */
export const ended = (job) => ["complete", "failed", "canceled"].includes(job.status);
