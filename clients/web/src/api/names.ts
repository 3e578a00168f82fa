import type { NamesBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

const MOST = 100;
const FRESH_MS = 600_000;
let asking: { ids: Set<string>; names: Promise<ReadonlyMap<string, string>> } | null = null;

/** Whoever is shown at the same moment is asked for in one call. */
function namesWith(id: string): Promise<ReadonlyMap<string, string>> {
  if (!asking) {
    const ids = new Set<string>();
    const names = new Promise((resolve) => setTimeout(resolve)).then(() => {
      asking = null;
      return read([...ids]);
    });
    asking = { ids, names };
  }
  asking.ids.add(id);
  return asking.names;
}

async function read(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const parts = Array.from({ length: Math.ceil(ids.length / MOST) }, (_, part) =>
    told<NamesBody>(
      api.GET("/people/names", { params: { query: { id: ids.slice(part * MOST, (part + 1) * MOST) as [string] } } }),
    ),
  );
  return new Map((await Promise.all(parts)).flatMap(({ people }) => people.map(({ id, name }) => [id, name] as const)));
}

/** What somebody is called; their id where one may not know them, or where it is nobody's. */
export const nameQuery = (id: string) =>
  queryOptions({
    queryKey: ["name", id],
    queryFn: async () => (await namesWith(id)).get(id) || id,
    staleTime: FRESH_MS,
    retry: false,
    enabled: id !== "",
  });
