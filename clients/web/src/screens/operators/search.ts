import type { AuditFilter } from "@/api/audit";
import type { Subject } from "@/api/quotas";

const FIELDS = ["who", "action", "on", "from", "to"] as const;

/** What of the audit is looked at, as it stands in the address. */
export function readAuditSearch(search: Record<string, unknown>): AuditFilter {
  const filter: AuditFilter = {};
  for (const name of FIELDS) {
    const said = search[name];
    if (said !== undefined && said !== null && String(said) !== "") filter[name] = String(said);
  }
  return filter;
}

export const SUBJECTS: readonly Subject[] = ["user", "space", "key"];

/** Whose quota is looked at. */
export interface QuotaSearch {
  subject?: Subject;
  id?: string;
}

export function readQuotaSearch(search: Record<string, unknown>): QuotaSearch {
  const subject = SUBJECTS.find((one) => one === search.subject);
  if (!subject || search.id === undefined) return {};
  return { subject, id: String(search.id) };
}
