import type { CreatedKeyBody, DevicesBody, KeysBody, NewKeyBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** What lets programs in as oneself: API keys, and devices that were let in. */
export const keysQuery = queryOptions({
  queryKey: ["me", "keys"],
  queryFn: () => told<KeysBody>(api.GET("/me/keys")),
});

export const devicesQuery = queryOptions({
  queryKey: ["me", "devices"],
  queryFn: () => told<DevicesBody>(api.GET("/me/devices")),
});

/** The key itself is in this answer, and never again in another one. */
export const createKey = (body: NewKeyBody) => told<CreatedKeyBody>(api.POST("/me/keys", { body }));

export const revokeKey = (id: string) =>
  told<unknown>(api.DELETE("/me/keys/{key_id}", { params: { path: { key_id: id } } }));

export const revokeDevice = (id: string) =>
  told<unknown>(api.DELETE("/me/devices/{device_id}", { params: { path: { device_id: id } } }));
