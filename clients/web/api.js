// The REST API as functions. Every refusal is an ApiError, whoever it comes from.

/** What the studio refused: `code` for programs, `message` for people, `field` where an input is at fault. */
export class ApiError extends Error {
  constructor(status, detail, retryAfter) {
    super(detail.message);
    this.status = status;
    this.code = detail.code;
    this.field = detail.field ?? null;
    this.allowed = detail.allowed ?? null;
    this.retryAfter = retryAfter;
  }

  /** The message, with what is allowed where it does not say so itself. */
  get sentence() {
    const missing = (this.allowed ?? []).filter((name) => !this.message.includes(name));
    const allowed = missing.length ? ` (allowed: ${this.allowed.join(", ")})` : "";
    const wait = this.retryAfter ? ` Try again in ${this.retryAfter} s.` : "";
    const text = this.message.replace(new RegExp(`^${this.field}: `), "");
    return text.charAt(0).toUpperCase() + text.slice(1) + allowed + wait;
  }
}

async function call(method, path, { body, key, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "unreachable", message: "the studio does not answer; is it running? (make run)" });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  const detail = answer?.error ?? { code: "unexpected", message: `the studio answered ${response.status}` };
  throw new ApiError(response.status, detail, Number(response.headers.get("Retry-After")) || null);
}

const path = (id) => `/jobs/${encodeURIComponent(id)}`;

export const generate = (body, key) => call("POST", "/generate", { body, key });
export const plan = (body, signal) => call("POST", "/generate", { body: { ...body, dry_run: true }, signal });
export const readJob = (id) => call("GET", path(id));
export const cancelJob = (id) => call("DELETE", path(id));
export const listJobs = (limit, before) =>
  call("GET", `/jobs?limit=${limit}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
export const readModels = () => call("GET", "/models");
export const readLoras = () => call("GET", "/loras");
export const readAssetTypes = () => call("GET", "/asset-types");
export const eventsPath = (id) => `${path(id)}/events`;

export const ended = (job) => ["complete", "failed", "canceled"].includes(job.status);
