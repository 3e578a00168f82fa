import type { Role, Scope } from "@openapi";

/** Whose role gives a scope something to do. Everybody may be given the others. */
const ROLES: Partial<Record<Scope, readonly Role[]>> = {
  "images:write": ["designer", "evaluator"],
  "experiments:vote": ["evaluator"],
  "experiments:write": ["evaluator"],
  "library:write": ["brand_engineer", "evaluator"],
  operate: ["operator"],
  admin: [],
};

const ALL: readonly Scope[] = [
  "images:read",
  "images:write",
  "experiments:read",
  "experiments:vote",
  "experiments:write",
  "library:write",
  "operate",
  "admin",
];

/** Scopes that a key of somebody with these roles can use; a key never may what its owner may not. */
export function usableScopes(roles: readonly Role[]): Scope[] {
  if (roles.includes("admin")) return [...ALL];
  return ALL.filter((scope) => ROLES[scope]?.some((role) => roles.includes(role)) ?? true);
}

interface Ending {
  expires_at?: string;
  revoked_at?: string | null;
}

/** Why something that lets in counts no more; null while it does. */
export function endOf(of: Ending, now: number): "revoked" | "expired" | null {
  if (of.revoked_at) return "revoked";
  return of.expires_at && Date.parse(of.expires_at) <= now ? "expired" : null;
}
