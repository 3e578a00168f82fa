import type { QueryClient } from "@tanstack/react-query";

/** What is live has changed, or may have: everything that tells of it is read again. */
export function forgetLibrary(client: QueryClient): void {
  for (const queryKey of [["library"], ["asset-types"], ["brand"], ["loras"]]) client.invalidateQueries({ queryKey });
}
