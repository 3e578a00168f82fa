import type {
  DiffBody,
  EntriesBody,
  EntryBody,
  HistoryBody,
  MarksBody,
  NewEntryBody,
  NewMarkBody,
  VersionsBody,
} from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** Kinds of entries that the library's screens show; experiments and prompt sets are shown where people judge. */
export const KINDS = ["asset-types", "brand-kits", "loras"] as const;
export type Kind = (typeof KINDS)[number];
export type Mark = "live" | "candidate";

export const isKind = (word: string): word is Kind => (KINDS as readonly string[]).includes(word);

export const entriesQuery = (kind: Kind) =>
  queryOptions({
    queryKey: ["library", kind],
    queryFn: () => told<EntriesBody>(api.GET("/library/{kind}", { params: { path: { kind } } })),
  });

/** One version with its content; the live one, else the newest, if none is named. */
export const entryQuery = (kind: Kind, id: string, version?: string) =>
  queryOptions({
    queryKey: ["library", kind, id, "entry", version ?? null],
    queryFn: () =>
      told<EntryBody>(api.GET("/library/{kind}/{id}", { params: { path: { kind, id }, query: { version } } })),
  });

export const versionsQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: ["library", kind, id, "versions"],
    queryFn: () => told<VersionsBody>(api.GET("/library/{kind}/{id}/versions", { params: { path: { kind, id } } })),
  });

export const historyQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: ["library", kind, id, "history"],
    queryFn: () => told<HistoryBody>(api.GET("/library/{kind}/{id}/history", { params: { path: { kind, id } } })),
  });

export const diffQuery = (kind: Kind, id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["library", kind, id, "diff", from, to],
    queryFn: () =>
      told<DiffBody>(api.GET("/library/{kind}/{id}/diff", { params: { path: { kind, id }, query: { from, to } } })),
  });

export const addEntry = (kind: Kind, body: NewEntryBody) =>
  told<EntryBody>(api.POST("/library/{kind}", { params: { path: { kind } }, body }));

export const moveMark = (kind: Kind, id: string, body: NewMarkBody) =>
  told<MarksBody>(api.POST("/library/{kind}/{id}/mark", { params: { path: { kind, id } }, body }));
