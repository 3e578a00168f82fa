import type { OperationsBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export type Operations = OperationsBody;
export type Deployment = NonNullable<OperationsBody["deployments"]>[number];
export type ModelLoad = OperationsBody["models"][number];
export type Work = NonNullable<ModelLoad["queued"]>;

const FRESH_MS = 5_000;

/** What runs where, what there is to do, and what is wrong. What did not answer in time is null. */
export const operationsQuery = queryOptions({
  queryKey: ["operations"],
  queryFn: () => told<OperationsBody>(api.GET("/operations")),
  refetchInterval: FRESH_MS,
  staleTime: FRESH_MS,
});
