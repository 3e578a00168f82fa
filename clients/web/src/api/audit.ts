import type { AuditBody } from "@openapi";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, fetchBlob, told } from "./client";
import { at } from "./root";

/** What is looked for; an empty field says nothing. */
export interface AuditFilter {
  who?: string;
  action?: string;
  on?: string;
  from?: string;
  to?: string;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) =>
      told<AuditBody>(
        api.GET("/audit", { params: { query: { ...filter, limit: 50, before: pageParam ?? undefined } } }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });

/** All that was found as JSON lines, for an archive. */
export const auditLines = (filter: AuditFilter): Promise<Blob> =>
  fetchBlob(at(`audit.jsonl?${new URLSearchParams({ ...filter })}`));
