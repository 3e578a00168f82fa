import type { ErrorDetail } from "@openapi";
import { texts } from "@/texts";

/** Why a call came to nothing, as the studio told it, or as it looks from here (`status` 0: nobody answered). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** The field of the request that is meant, as in `loras` or `controls.0.image`. */
  readonly field: string | null;
  readonly detail: ErrorDetail | null;
  /** When it is worth another try, in milliseconds of this machine's clock; null where nothing was said. */
  readonly retryAt: number | null;
  /** What to tell an operator who looks into it. */
  readonly requestId: string | null;

  constructor(status: number, detail: ErrorDetail | null, headers?: Headers) {
    super(detail?.message ?? sentence(status));
    this.name = "Problem";
    this.status = status;
    this.code = detail?.code ?? (status === 0 ? "unreachable" : `status_${status}`);
    this.field = detail?.field ?? null;
    this.detail = detail;
    this.retryAt = retryAt(headers?.get("retry-after") ?? null);
    this.requestId = headers?.get("x-request-id") ?? null;
  }

  /** Whether the same call may well succeed later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const problem = new Problem(0, null);
  problem.cause = error;
  return problem;
}

function sentence(status: number): string {
  const known = texts.problems.byStatus as Record<number, string>;
  return known[status] ?? (status >= 500 ? texts.problems.server : texts.problems.other(status));
}

function retryAt(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  return Number.isFinite(seconds) ? Date.now() + seconds * 1000 : null;
}
