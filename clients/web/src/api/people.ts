import type { PeopleBody, PersonBody, Role } from "@openapi";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

/** Everybody who has signed in, page by page. */
export const peopleQuery = infiniteQueryOptions({
  queryKey: ["people"],
  queryFn: ({ pageParam }) =>
    told<PeopleBody>(api.GET("/people", { params: { query: { limit: 100, after: pageParam ?? undefined } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

export const setRoles = (id: string, roles: Role[]) =>
  told<PersonBody>(api.PUT("/people/{person_id}/roles", { params: { path: { person_id: id } }, body: { roles } }));

export const setActive = (id: string, active: boolean) =>
  told<PersonBody>(api.PATCH("/people/{person_id}", { params: { path: { person_id: id } }, body: { active } }));
