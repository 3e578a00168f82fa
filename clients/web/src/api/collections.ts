import type { CollectionBody, CollectionChange, CollectionsPage, CollectionWhole, SharedBody } from "@openapi";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { currentSpace } from "@/app/space";
import { api, told } from "./client";

const PAGE = 50;
/** How often a collection is read again while it is looked at: somebody else may be at it. */
const AGAIN_MS = 10_000;

export const collectionsQuery = infiniteQueryOptions({
  queryKey: ["collections", "list"],
  queryFn: ({ pageParam }) =>
    told<CollectionsPage>(
      api.GET("/collections", { params: { query: { limit: PAGE, before: pageParam ?? undefined } } }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** Ids of the collections that hold a picture. */
export const holdingQuery = (asset: string) =>
  queryOptions({
    queryKey: ["collections", "holding", asset],
    queryFn: async () => {
      const query = { holding: asset, limit: 200 };
      const page = await told<CollectionsPage>(api.GET("/collections", { params: { query } }));
      return page.collections.map((one) => one.id);
    },
  });

export const collectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["collection", id],
    queryFn: () =>
      told<CollectionWhole>(api.GET("/collections/{collection_id}", { params: { path: { collection_id: id } } })),
    refetchInterval: AGAIN_MS,
  });

const collection = (id: string) => ({ params: { path: { collection_id: id } } });
const item = (id: string, asset: string) => ({ params: { path: { collection_id: id, asset_id: asset } } });

/** Begin one, in the space that this tab works for. */
export function createCollection(name: string, notes = ""): Promise<CollectionBody> {
  const space = currentSpace();
  const headers = space === null ? {} : { "X-Atelier-Space": space };
  return told<CollectionBody>(api.POST("/collections", { body: { name, notes }, headers }));
}

export const changeCollection = (id: string, change: CollectionChange) =>
  told<CollectionBody>(api.PATCH("/collections/{collection_id}", { ...collection(id), body: change }));

export const deleteCollection = (id: string) => told(api.DELETE("/collections/{collection_id}", collection(id)));

/** Put pictures into it, or move those that are in it: behind `after` ("" before all), or to the end. */
export const putItems = (id: string, assets: readonly string[], after?: string) =>
  told<CollectionBody>(
    api.POST("/collections/{collection_id}/items", { ...collection(id), body: { asset_ids: [...assets], after } }),
  );

export const takeItem = (id: string, asset: string) =>
  told(api.DELETE("/collections/{collection_id}/items/{asset_id}", item(id, asset)));

export const noteItem = (id: string, asset: string, note: string) =>
  told(api.PATCH("/collections/{collection_id}/items/{asset_id}", { ...item(id, asset), body: { note } }));

/** What a link shows; nobody has to be signed in. */
export const sharedQuery = (token: string) =>
  queryOptions({
    queryKey: ["shared", token],
    queryFn: () => told<SharedBody>(api.GET("/shared/{token}", { params: { path: { token } } })),
  });
