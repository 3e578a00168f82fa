import type { AnalyticsBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** What one has made this month. */
export const ownMonthQuery = queryOptions({
  queryKey: ["analytics", "me"],
  queryFn: () => told<AnalyticsBody>(api.GET("/analytics", { params: { query: { of: "me" } } })),
});
