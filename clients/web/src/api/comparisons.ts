import type { BatchesPage, BatchLine, CompareAccepted, CompareOrder, ComparePlan, ComparisonBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** The person's own comparisons of late, newest first: batches that compare. */
export const comparisonsQuery = queryOptions({
  queryKey: ["comparisons"],
  queryFn: async (): Promise<BatchLine[]> => {
    const page = await told<BatchesPage>(api.GET("/batches", { params: { query: { limit: 200 } } }));
    return page.batches.filter((batch) => batch.compares);
  },
  refetchInterval: (query) => (query.state.data?.some(({ status }) => status !== "complete") ? 5_000 : 30_000),
});

export const comparisonQuery = (comparison_id: string) =>
  queryOptions({
    queryKey: ["comparison", comparison_id],
    queryFn: () => told<ComparisonBody>(api.GET("/compare/{comparison_id}", { params: { path: { comparison_id } } })),
    refetchInterval: (query) => {
      const status = query.state.data?.status;
      return status === "queued" || status === "processing" ? 2_000 : false;
    },
  });

const NEW = { params: {} };

export const orderComparison = (body: CompareOrder, key: string) =>
  told<CompareAccepted>(api.POST("/compare", { params: { header: { "Idempotency-Key": key } }, body }) as never);

/** What would be drawn, and how long it takes. */
export const planComparison = (body: CompareOrder) =>
  told<ComparePlan>(api.POST("/compare", { ...NEW, body: { ...body, dry_run: true } }) as never);

export const pickSide = (comparison_id: string, prompt: number, choice: string) =>
  told<ComparisonBody>(
    api.POST("/compare/{comparison_id}/pick", { params: { path: { comparison_id } }, body: { prompt, choice } }),
  );
