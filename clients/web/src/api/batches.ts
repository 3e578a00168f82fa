import type { BatchAccepted, BatchDetail, BatchesPage, BatchPlan, JobsPage } from "@openapi";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask, problemOf, told } from "./client";
import { asProblem } from "./problem";
import { at } from "./root";

const RUNNING_MS = 2_000;
const isRunning = (status: BatchDetail["status"] | undefined) => status === "queued" || status === "processing";

/** The person's batches, newest first, page by page. */
export const batchesQuery = infiniteQueryOptions({
  queryKey: ["batches", "list"],
  queryFn: ({ pageParam }) =>
    told<BatchesPage>(api.GET("/batches", { params: { query: { limit: 30, before: pageParam ?? undefined } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.batches.some((one) => isRunning(one.status))) ? RUNNING_MS : false,
});

/** One batch. No event tells of it as a whole: while it runs it is asked for. */
export const batchQuery = (id: string) =>
  queryOptions({
    queryKey: ["batches", "one", id],
    queryFn: () => told<BatchDetail>(api.GET("/batches/{batch_id}", { params: { path: { batch_id: id } } })),
    refetchInterval: (query) => (isRunning(query.state.data?.status) ? RUNNING_MS : false),
  });

/** The jobs of a batch, newest first, page by page. */
export const batchJobsQuery = (id: string, running: boolean) =>
  infiniteQueryOptions({
    queryKey: ["batches", "jobs", id],
    queryFn: ({ pageParam }) =>
      told<JobsPage>(api.GET("/jobs", { params: { query: { batch: id, limit: 60, before: pageParam ?? undefined } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: running ? RUNNING_MS : false,
  });

export const cancelBatch = (id: string) =>
  told<BatchDetail>(api.DELETE("/batches/{batch_id}", { params: { path: { batch_id: id } } }));

export const zipUrl = (id: string, partial: boolean) => at(`batches/${id}/zip${partial ? "?partial=true" : ""}`);
export const sheetUrl = (id: string, page: number) => at(`batches/${id}/sheet?page=${page}`);

/** A batch as it is sent: JSON, or a form with a file. */
export type BatchOrder = { kind: "prompts"; body: Record<string, unknown> } | { kind: "file"; form: FormData };

export const planBatch = (order: BatchOrder, signal: AbortSignal) =>
  post<BatchPlan>(withDryRun(order), undefined, signal);

export const submitBatch = (order: BatchOrder, key: string) => post<BatchAccepted>(order, key);

function withDryRun(order: BatchOrder): BatchOrder {
  if (order.kind === "prompts") return { ...order, body: { ...order.body, dry_run: true } };
  const form = new FormData();
  for (const [name, value] of order.form) form.append(name, value);
  form.set("dry_run", "true");
  return { kind: "file", form };
}

async function post<T>(order: BatchOrder, key?: string, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = key ? { "Idempotency-Key": key } : {};
  if (order.kind === "prompts") headers["Content-Type"] = "application/json";
  const body = order.kind === "prompts" ? JSON.stringify(order.body) : order.form;
  let answer: Response;
  try {
    answer = await ask(at("batches"), { method: "POST", headers, body, signal: signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}
