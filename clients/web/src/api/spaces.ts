import type { NamesBody, NewSpaceBody, SpaceBody, SpaceChangeBody, SpaceGone, SpacesBody } from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { api, told } from "./client";

export type MemberRole = SpaceBody["members"][number]["role"];

/** The teams that one is in; an admin's are all. */
export const spacesQuery = queryOptions({
  queryKey: ["spaces"],
  queryFn: () => told<SpacesBody>(api.GET("/spaces")),
});

export const createSpace = (body: NewSpaceBody) => told<SpaceBody>(api.POST("/spaces", { body }));

export const changeSpace = (id: string, body: SpaceChangeBody) =>
  told<SpaceBody>(api.PATCH("/spaces/{id}", { params: { path: { id } }, body }));

/** Deletes a space that nothing was made in, and archives one that has something. */
export const deleteSpace = (id: string) => told<SpaceGone>(api.DELETE("/spaces/{id}", { params: { path: { id } } }));

/** Whom to let in, by how a word of their name begins; for leads and admins. */
export const strangersQuery = (id: string, name: string) =>
  queryOptions({
    queryKey: ["spaces", id, "people", name],
    queryFn: () =>
      told<NamesBody>(api.GET("/spaces/{id}/people", { params: { path: { id }, query: { name, limit: 20 } } })),
    placeholderData: (before) => before,
  });

export const putMember = (id: string, principal: string, role: MemberRole) =>
  told<SpaceBody>(
    api.PUT("/spaces/{id}/members/{principal_id}", {
      params: { path: { id, principal_id: principal } },
      body: { role },
    }),
  );

export const removeMember = (id: string, principal: string) =>
  told<SpaceBody>(
    api.DELETE("/spaces/{id}/members/{principal_id}", { params: { path: { id, principal_id: principal } } }),
  );
