import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export interface Work {
  jobs: number;
  pictures: number;
  seconds: number;
}

export interface Deployment {
  name: string;
  status: string;
  detail?: string;
  target_replicas: number;
  gpus: number;
  cpus: number;
  replicas: readonly { id: string; state: string; node?: string | null; since?: string | null }[];
}

export interface ModelLoad {
  deployment: string;
  model: string | null;
  loras?: readonly string[];
  queued: Work | null;
  running: Work | null;
  cold_start_seconds: number | null;
  last_load_seconds: number | null;
  memory_gb: number | null;
}

export interface Ledger {
  deployment: string;
  predicted_gb: number | null;
  share: number;
  limit_gb: number | null;
  replicas_always: number;
  replicas_most: number;
}

export interface Store {
  ok: boolean;
  detail?: string;
}

/** What runs where, what there is to do, and what is wrong. What did not answer in time is null. */
export interface Operations {
  version: string;
  at: string;
  profile: string;
  ready: boolean;
  dashboard: string | null;
  stores: { database: Store; files: Store };
  deployments: readonly Deployment[] | null;
  models: readonly ModelLoad[];
  gpus: { count: number | null; memory_gb: number | null; ledger: readonly Ledger[] };
}

const FRESH_MS = 5_000;

export const operationsQuery = queryOptions({
  queryKey: ["operations"],
  queryFn: () => told<Operations>(api.GET("/operations" as never) as never),
  refetchInterval: FRESH_MS,
  staleTime: FRESH_MS,
});
