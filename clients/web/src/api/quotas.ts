import type { Limits, OwnQuotaBody, QuotaBody, SetQuotasBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export type Subject = QuotaBody["subject"];

export const ownQuotaQuery = queryOptions({
  queryKey: ["quota", "own"],
  queryFn: () => told<OwnQuotaBody>(api.GET("/me/quota")),
});

/** What operators have set; for all others the profile says what holds. */
export const quotasQuery = queryOptions({
  queryKey: ["quota", "set"],
  queryFn: () => told<SetQuotasBody>(api.GET("/quotas")),
});

export const quotaQuery = (subject: Subject, id: string) =>
  queryOptions({
    queryKey: ["quota", "of", subject, id],
    queryFn: () => told<QuotaBody>(api.GET("/quotas/{subject}/{id}", { params: { path: { subject, id } } })),
  });

export const setQuota = (subject: Subject, id: string, body: Limits) =>
  told<QuotaBody>(api.PUT("/quotas/{subject}/{id}", { params: { path: { subject, id } }, body }));

export const removeQuota = (subject: Subject, id: string) =>
  told<QuotaBody>(api.DELETE("/quotas/{subject}/{id}", { params: { path: { subject, id } } }));
