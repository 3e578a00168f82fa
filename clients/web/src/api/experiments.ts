import type {
  BallotsBody,
  ChampionBody,
  ChampionsBody,
  EntryBody,
  ExperimentBody,
  ExperimentEventsBody,
  ExperimentsBody,
  NewEntryBody,
  PromoteBody,
  ReplayBody,
  ResultsBody,
  RunBody,
  RunsBody,
  SittingBody,
  StartBody,
  StopBody,
  VersionsBody,
  VoteBody,
  VotesTaken,
  VoteTaken,
} from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, ask, problemOf, told as toldBy } from "./client";
import { asProblem } from "./problem";
import { at as rooted } from "./root";

/** As `told`; openapi-fetch reads the document's pairs as lists of any length. */
const told = <T>(call: Promise<{ data?: unknown; error?: unknown; response: Response }>) =>
  toldBy<T>(call as Parameters<typeof toldBy<T>>[0]);

const OFTEN_MS = 5_000;
const SELDOM_MS = 15_000;

export const experimentsQuery = queryOptions({
  queryKey: ["experiments"],
  queryFn: () => told<ExperimentsBody>(api.GET("/experiments")),
  refetchInterval: SELDOM_MS,
});

export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiment", id],
    queryFn: () => told<ExperimentBody>(api.GET("/experiments/{id}", { params: { path: { id } } })),
    refetchInterval: SELDOM_MS,
  });

/** How results are read: in parts, with a judge's help, or with the pictures looked at. */
export interface Reading {
  by?: "asset_type" | "quality" | undefined;
  judge?: string | undefined;
  style?: boolean | undefined;
  phase?: number | undefined;
}

/** What the votes say. Refused (403) to who holds ballots of it. */
export const resultsQuery = (experiment_id: string, reading: Reading = {}) =>
  queryOptions({
    queryKey: ["experiment", experiment_id, "results", reading],
    queryFn: () =>
      told<ResultsBody>(
        api.GET("/experiments/{experiment_id}/results", { params: { path: { experiment_id }, query: reading } }),
      ),
    refetchInterval: (query) => (query.state.data && !reading.style ? SELDOM_MS : false),
  });

export const runsQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiment", id, "runs"],
    queryFn: () => told<RunsBody>(api.GET("/experiments/{id}/runs", { params: { path: { id } } })),
    refetchInterval: (query) =>
      query.state.data?.runs.some((run) => run.status === "running") ? OFTEN_MS : SELDOM_MS * 2,
  });

export const experimentEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiment", id, "events"],
    queryFn: () => told<ExperimentEventsBody>(api.GET("/experiments/{id}/events", { params: { path: { id } } })),
    refetchInterval: SELDOM_MS,
  });

const at = (id: string) => ({ params: { path: { id } } });

export const startExperiment = (id: string, body: Partial<StartBody>) =>
  told<ExperimentBody>(api.POST("/experiments/{id}/start", { ...at(id), body: { reason: "", ...body } }));

export const beginPhase = (id: string, body: Partial<StartBody>) =>
  told<ExperimentBody>(api.POST("/experiments/{id}/phases", { ...at(id), body: { reason: "", ...body } }));

export const pauseExperiment = (id: string, reason: string) =>
  told<ExperimentBody>(api.POST("/experiments/{id}/pause", { ...at(id), body: { reason } }));

export const resumeExperiment = (id: string, reason: string) =>
  told<ExperimentBody>(api.POST("/experiments/{id}/resume", { ...at(id), body: { reason } }));

export const exposeExperiment = (id: string, exposure: number, reason: string) =>
  told<ExperimentBody>(api.PATCH("/experiments/{id}", { ...at(id), body: { exposure, reason } }));

export const stopExperiment = (id: string, body: StopBody) =>
  told<ExperimentBody>(api.POST("/experiments/{id}/stop", { ...at(id), body }));

export const orderRun = (id: string, body: ReplayBody) =>
  told<RunBody>(api.POST("/experiments/{id}/runs", { ...at(id), body }));

export const cancelRun = (id: string, run_id: string) =>
  told<RunBody>(api.DELETE("/experiments/{id}/runs/{run_id}", { params: { path: { id, run_id } } }));

/** The newest version of one, with all that it says. */
export const experimentEntryQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiment", id, "entry"],
    queryFn: async () => {
      const path = { kind: "experiments", id } as const;
      const { versions } = await told<VersionsBody>(api.GET("/library/{kind}/{id}/versions", { params: { path } }));
      const query = { version: versions[0]?.version };
      return told<EntryBody>(api.GET("/library/{kind}/{id}", { params: { path, query } }));
    },
    // A form begins with it: what is being written is not to be replaced.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** A new experiment, or a new version of one: an entry of the library. */
export const addExperiment = (body: NewEntryBody) =>
  told<EntryBody>(api.POST("/library/{kind}", { params: { path: { kind: "experiments" } }, body }));

// Ballots.

export const lendBallots = (experiment_id: string, count: number, holding: string[]) =>
  told<BallotsBody>(
    api.POST("/experiments/{experiment_id}/ballots", { params: { path: { experiment_id } }, body: { count, holding } }),
  );

export const castVote = (ballot_id: string, body: Omit<VoteBody, "client">) =>
  told<VoteTaken>(
    api.PUT("/ballots/{ballot_id}/vote", { params: { path: { ballot_id } }, body: { ...body, client: "web" } }),
  );

export const revealSitting = (ballot_id: string) =>
  told<SittingBody>(api.POST("/ballots/{ballot_id}/reveal", { params: { path: { ballot_id } }, body: {} }));

/** Takes votes of a CSV file in, all or none. A `Problem` names every row that is wrong (`detail.rows`). */
export async function importVotes(experiment_id: string, csv: Blob): Promise<VotesTaken> {
  const sent = { method: "POST", body: csv, headers: { "Content-Type": "text/csv" } };
  const address = rooted(`experiments/${encodeURIComponent(experiment_id)}/votes`);
  const answer = await ask(address, sent).catch((error: unknown) => {
    throw asProblem(error);
  });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as VotesTaken;
}

// Champions.

export const championsQuery = queryOptions({
  queryKey: ["champions"],
  queryFn: () => told<ChampionsBody>(api.GET("/champions")),
  refetchInterval: SELDOM_MS,
});

export const championHistoryQuery = (asset_type: string, quality: string) =>
  queryOptions({
    queryKey: ["champions", asset_type, quality],
    queryFn: () =>
      told<ChampionsBody>(
        api.GET("/champions/{asset_type}/{quality}/history", { params: { path: { asset_type, quality } } }),
      ),
  });

export const promote = (asset_type: string, quality: string, body: PromoteBody) =>
  told<ChampionBody>(
    api.POST("/champions/{asset_type}/{quality}", { params: { path: { asset_type, quality } }, body }),
  );

export type ChampionMove = "ramp" | "pause" | "resume" | "rollback";

/** Changes a champion that is still as `revision` has it: another one is refused, so nobody overwrites another. */
export function moveChampion(champion: ChampionBody, move: ChampionMove, reason: string): Promise<ChampionBody> {
  const { asset_type, quality, revision } = champion;
  const call = {
    params: { path: { asset_type, quality }, header: { "if-match": `"${revision}"` } },
    body: { reason },
  };
  if (move === "ramp") return told(api.POST("/champions/{asset_type}/{quality}/ramp", call));
  if (move === "pause") return told(api.POST("/champions/{asset_type}/{quality}/pause", call));
  if (move === "resume") return told(api.POST("/champions/{asset_type}/{quality}/resume", call));
  return told(api.POST("/champions/{asset_type}/{quality}/rollback", call));
}
