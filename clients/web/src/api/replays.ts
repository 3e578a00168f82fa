import type { JobAccepted, ReplaysBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** How a picture came out whenever it was drawn again, the newest first. */
export const replaysQuery = (asset: string) =>
  queryOptions({
    queryKey: ["replays", asset],
    queryFn: () => told<ReplaysBody>(api.GET("/images/{asset_id}/replays", { params: { path: { asset_id: asset } } })),
  });

/** Draw a picture again, all as it was settled then. The same `key` is the same job, however often it is sent. */
export const replayPicture = (asset: string, key: string) =>
  told<JobAccepted>(
    api.POST("/images/{asset_id}/replay", {
      params: { path: { asset_id: asset }, header: { "Idempotency-Key": key } },
      body: { dry_run: false },
    }) as never,
  );
