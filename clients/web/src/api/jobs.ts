import type { JobBody, JobsPage } from "@openapi";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isEnded } from "@/live/happening";
import { later } from "@/live/merge";
import { streamState } from "@/live/store";
import { api, told } from "./client";

const POLL_MS = 1500;
/** An event that overtakes the first answer about its job finds nothing to be merged into: what it told is asked for. */
const HEARTBEAT_MS = 10_000;

/** One job. The stream keeps it up to date; where none comes through it is asked for until it ends. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: async ({ client }) => {
      const read = await told<JobBody>(api.GET("/jobs/{job_id}", { params: { path: { job_id: id } } }));
      return later(client.getQueryData<JobBody>(["job", id]), read);
    },
    refetchInterval: (query) => {
      const job = query.state.data;
      if (!job || isEnded(job.status)) return false;
      return streamState() === "live" ? HEARTBEAT_MS : POLL_MS;
    },
  });

/** The person's own jobs, newest first, page by page. */
export const jobsQuery = (limit = 20) =>
  infiniteQueryOptions({
    queryKey: ["jobs", limit],
    queryFn: ({ pageParam }) =>
      told<JobsPage>(api.GET("/jobs", { params: { query: { limit, before: pageParam ?? undefined } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: () => (streamState() === "polling" ? 10_000 : false),
  });

/** Cancel a job: a waiting one at once, a running one within two steps. */
export const cancelJob = (id: string) =>
  told<JobBody>(api.DELETE("/jobs/{job_id}", { params: { path: { job_id: id } } }));
