import type { BatchPlan } from "@openapi";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type BatchOrder, planBatch } from "@/api/batches";
import { asProblem, type Problem } from "@/api/problem";
import { duration } from "@/parts/dates";
import { texts } from "@/texts";

const PAUSE_MS = 500;

interface Planned {
  plan: BatchPlan | undefined;
  problem: Problem | null;
  words: string;
  again: () => void;
}

/** What a batch would come to, asked for once its writer pauses; nothing is drawn for it. */
export function usePlan(order: BatchOrder | null): Planned {
  const written = useSettled(order);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["batches", "plan", fingerprint(written)],
    queryFn: ({ signal }) => planBatch(written as BatchOrder, signal),
    enabled: written !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
  });
  const plan = order === null || error ? undefined : data;
  return {
    plan,
    problem: order !== null && error ? asProblem(error) : null,
    words: isFetching ? texts.batch.compose.checking : plan ? inWords(plan) : "",
    again: () => refetch(),
  };
}

function inWords(plan: BatchPlan): string {
  const said = texts.batch.compose;
  const time = duration(plan.estimated_time_seconds);
  const words = said.plan({ jobs: plan.jobs, pictures: plan.pictures, time });
  const skipped = plan.lines_skipped ?? 0;
  return skipped > 0 ? `${words}. ${said.skipped(skipped)}` : words;
}

/** The same words are the same order; a file is known by its name, size and time. */
function fingerprint(order: BatchOrder | null): string {
  if (order === null) return "";
  if (order.kind === "prompts") return JSON.stringify(order.body);
  return JSON.stringify(
    [...order.form].map(([name, value]) => [
      name,
      value instanceof File ? [value.name, value.size, value.lastModified] : value,
    ]),
  );
}

/** A value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
