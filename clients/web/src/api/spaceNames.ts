import type { SpacesBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** What teams are called, by their ids. */
export const spaceNamesQuery = queryOptions({
  queryKey: ["spaces", "names"],
  queryFn: async () => {
    const { spaces } = await told<SpacesBody>(api.GET("/spaces"));
    return new Map(spaces.map((space) => [space.id, space.name]));
  },
  staleTime: 60_000,
});
