import type { FiguresBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export type Figures = FiguresBody;
export type Hour = FiguresBody["hours"][number];

const FRESH_MS = 30_000;

/** The last day in numbers, hour by hour. */
export const figuresQuery = queryOptions({
  queryKey: ["operations", "figures"],
  queryFn: () => told<FiguresBody>(api.GET("/operations/figures")),
  refetchInterval: FRESH_MS,
  staleTime: FRESH_MS,
});
