import type { MeBody, Role } from "@openapi";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => told<MeBody>(api.GET("/me")),
  staleTime: 60_000,
});

/** Who is signed in; undefined until the studio has said it. */
export function useMe(): MeBody | undefined {
  return useQuery(meQuery).data;
}

/** Whether the person has one of these roles; an administrator has all. */
export function useHasRole(...roles: Role[]): boolean {
  const held = useMe()?.roles ?? [];
  return held.some((role) => role === "admin" || roles.includes(role));
}
