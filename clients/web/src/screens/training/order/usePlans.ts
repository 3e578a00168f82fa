import type { TrainingPlans } from "@openapi";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { type Order, planTraining } from "@/api/trainings";

const PAUSE_MS = 450;

export interface Plans {
  plans: TrainingPlans | undefined;
  problem: Problem | null;
  asking: boolean;
  again: () => void;
}

/** What a training would take, asked for once its writer pauses; nothing is begun. */
export function usePlans(order: Order | null): Plans {
  const text = useSettled(JSON.stringify(order));
  const settled = JSON.parse(text) as Order | null;
  const plan = useQuery({
    queryKey: ["trainings", "plan", text],
    queryFn: ({ signal }) => planTraining(settled as Order, signal),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
    retry: false,
  });
  const isMeant = order !== null && settled !== null;
  return {
    plans: isMeant && !plan.error ? plan.data : undefined,
    problem: isMeant && plan.error ? asProblem(plan.error) : null,
    asking: isMeant && plan.isFetching,
    again: () => plan.refetch(),
  };
}

/** A text once it has stayed as it is for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
