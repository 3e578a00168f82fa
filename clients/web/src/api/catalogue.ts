import type { AssetTypesBody, BrandKitsBody, LorasBody, ModelsBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** What one may draw with. It changes when operators or brand engineers change it: a minute old is fine. */
const FRESH_MS = 60_000;

export const assetTypesQuery = queryOptions({
  queryKey: ["asset-types"],
  queryFn: () => told<AssetTypesBody>(api.GET("/asset-types")),
  staleTime: FRESH_MS,
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: () => told<ModelsBody>(api.GET("/models")),
  staleTime: FRESH_MS,
});

export const lorasQuery = queryOptions({
  queryKey: ["loras"],
  queryFn: () => told<LorasBody>(api.GET("/loras")),
  staleTime: FRESH_MS,
});

export const brandKitsQuery = queryOptions({
  queryKey: ["brand"],
  queryFn: () => told<BrandKitsBody>(api.GET("/brand")),
  staleTime: FRESH_MS,
});
