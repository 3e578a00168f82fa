import type { EntriesBody, EntryBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, ask, problemOf, told } from "./client";
import { asProblem } from "./problem";
import { at } from "./root";

const kind = "prompt-sets";

export const promptSetsQuery = queryOptions({
  queryKey: ["library", kind],
  queryFn: () => told<EntriesBody>(api.GET("/library/{kind}", { params: { path: { kind } } })),
});

export const promptSetQuery = (id: string) =>
  queryOptions({
    queryKey: ["library", kind, id],
    queryFn: () => told<EntryBody>(api.GET("/library/{kind}/{id}", { params: { path: { kind, id } } })),
  });

/** Takes a CSV file in as the live version of a set. A `Problem` names every row that is wrong (`detail.rows`). */
export async function addPromptSet(id: string, name: string, csv: Blob): Promise<EntryBody> {
  const address = new URL(at(`prompt-sets/${encodeURIComponent(id)}`));
  if (name) address.searchParams.set("name", name);
  const sent = { method: "POST", body: csv, headers: { "Content-Type": "text/csv" } };
  const answer = await ask(address.href, sent).catch((error: unknown) => {
    throw asProblem(error);
  });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as EntryBody;
}
