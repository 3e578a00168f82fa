import type { GrantBody, GrantsBody, GrantWish, LicencesBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export const licencesQuery = queryOptions({
  queryKey: ["licences"],
  queryFn: () => told<LicencesBody>(api.GET("/licences")),
  staleTime: 60_000,
});

export const grantsQuery = queryOptions({
  queryKey: ["licences", "grants"],
  queryFn: () => told<GrantsBody>(api.GET("/licences/grants")),
});

export const recordGrant = (body: GrantWish) => told<GrantBody>(api.POST("/licences/grants", { body }));

export const revokeGrant = (id: string) =>
  told<GrantBody>(api.DELETE("/licences/grants/{grant_id}", { params: { path: { grant_id: id } } }));
