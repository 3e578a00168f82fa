import type {
  AdapterBody,
  AdoptionBody,
  TrainingBody,
  TrainingOrder,
  TrainingPlans,
  TrainingsAccepted,
  TrainingsPage,
} from "@openapi";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isEnded } from "@/live/happening";
import { streamState } from "@/live/store";
import { api, told } from "./client";
import { at } from "./root";

export type Training = TrainingBody;
/** What `POST /trainings` takes: all but dataset and LoRA has a default. */
export type Order = Partial<Omit<TrainingOrder, "dry_run" | "sweep">> & {
  dataset: string;
  lora: string;
  sweep?: Partial<TrainingOrder["sweep"]>;
};

const POLL_MS = 2_000;
const HEARTBEAT_MS = 10_000;

/** The person's own trainings, newest first, page by page. */
export const trainingsQuery = infiniteQueryOptions({
  queryKey: ["trainings"],
  queryFn: ({ pageParam }) =>
    told<TrainingsPage>(api.GET("/trainings", { params: { query: { limit: 20, before: pageParam ?? undefined } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.trainings.some((one) => !isEnded(one.status))) ? POLL_MS * 2 : false,
});

/** One training. The stream keeps it up to date; where none comes through it is asked for until it ends. */
export const trainingQuery = (id: string) =>
  queryOptions({
    queryKey: ["training", id],
    queryFn: () => told<Training>(api.GET("/trainings/{training_id}", { params: { path: { training_id: id } } })),
    refetchInterval: (query) => {
      const training = query.state.data;
      if (!training || isEnded(training.status)) return false;
      return streamState() === "live" ? HEARTBEAT_MS : POLL_MS;
    },
  });

/** What would be learned, what it takes, and every reason against it. */
export const planTraining = (order: Order, signal: AbortSignal) =>
  told<TrainingPlans>(api.POST("/trainings", { body: { ...order, dry_run: true } as TrainingOrder, signal }) as never);

/** Begin. The same `key` with the same order is one training, however often it is sent. */
export const beginTraining = (order: Order, key: string) =>
  told<TrainingsAccepted>(
    api.POST("/trainings", { body: order as TrainingOrder, params: { header: { "Idempotency-Key": key } } }) as never,
  );

/** Before its next step; its checkpoints are kept. */
export const cancelTraining = (id: string) =>
  told<Training>(api.DELETE("/trainings/{training_id}", { params: { path: { training_id: id } } }));

/** Take a checkpoint into the library. */
export const adoptCheckpoint = (id: string, body: AdoptionBody) =>
  told<AdapterBody>(api.POST("/trainings/{training_id}/adopt", { params: { path: { training_id: id } }, body }));

/** A sample of a training, or the sheet of its judgement, by its hash. */
export const trainingPictureUrl = (id: string, sha256: string) =>
  at(`trainings/${encodeURIComponent(id)}/pictures/${encodeURIComponent(sha256)}`);
