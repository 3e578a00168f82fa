import type {
  AcknowledgementBody,
  FacetsBody,
  FoundImage,
  ImagesPage,
  LineageBody,
  LinkBody,
  LinksBody,
  paths,
  TagsBody,
} from "@openapi";
import { type InfiniteData, infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, fetchBlob, told } from "./client";
import { at } from "./root";

/** What pictures are looked for, as `GET /images` takes it. */
export type Question = Omit<NonNullable<paths["/images"]["get"]["parameters"]["query"]>, "limit" | "before">;
export type Purpose = "reference" | "internal" | "product";

const PAGE = 200;
const HEAD = 50;

/** All that a question finds, page by page. Pages stay as they are while others draw: what is new comes by `headQuery`. */
export const imagesQuery = (question: Question) =>
  infiniteQueryOptions({
    queryKey: ["work", "pages", question],
    queryFn: ({ pageParam, signal }) =>
      told<ImagesPage>(
        api.GET("/images", { params: { query: { ...question, limit: PAGE, before: pageParam ?? undefined } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

/** The first pictures that a question finds. The stream has it asked again whenever one is finished. */
export const headQuery = (question: Question) =>
  queryOptions({
    queryKey: ["images", "head", question],
    queryFn: ({ signal }) =>
      told<ImagesPage>(api.GET("/images", { params: { query: { ...question, limit: HEAD } }, signal })),
  });

export const facetsQuery = ({ sort: _sort, deleted: _deleted, ...question }: Question) =>
  queryOptions({
    queryKey: ["images", "facets", question],
    queryFn: ({ signal }) => told<FacetsBody>(api.GET("/images/facets", { params: { query: question }, signal })),
    placeholderData: (before) => before,
  });

/** One picture, with what holds of it now. */
export const imageQuery = (id: string) =>
  queryOptions({
    queryKey: ["image", id],
    queryFn: () => told<FoundImage>(api.GET("/images/{asset_id}", { params: { path: { asset_id: id } } })),
  });

/** What a picture comes from and what came of it. */
export const lineageQuery = (id: string) =>
  queryOptions({
    queryKey: ["lineage", id],
    queryFn: () => told<LineageBody>(api.GET("/assets/{asset_id}/lineage", { params: { path: { asset_id: id } } })),
  });

/** How a picture was made, as its file tells it; `request` is a body of `POST /generate` that draws it again. */
export interface Recipe {
  request?: Record<string, unknown> | null;
  [part: string]: unknown;
}

export const recipeQuery = (id: string) =>
  queryOptions({
    queryKey: ["recipe", id],
    queryFn: async () =>
      JSON.parse(await (await fetchBlob(at(`images/${encodeURIComponent(id)}/recipe`))).text()) as Recipe,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The widths in which the studio makes small pictures. */
export const SIDES = [128, 256, 512, 1024] as const;

export const thumbnailUrl = (id: string, side: (typeof SIDES)[number]) =>
  at(`images/${encodeURIComponent(id)}/thumbnail?side=${side}`);

const picture = (id: string) => ({ params: { path: { asset_id: id } } });

export const setFavourite = (id: string, favourite: boolean) =>
  told(
    favourite
      ? api.PUT("/images/{asset_id}/favourite", picture(id))
      : api.DELETE("/images/{asset_id}/favourite", picture(id)),
  );

export const setTags = (id: string, tags: readonly string[]) =>
  told<TagsBody>(api.PUT("/images/{asset_id}/tags", { ...picture(id), body: { tags: [...tags] } }));

export const deleteImage = (id: string) => told(api.DELETE("/images/{asset_id}", picture(id)));
export const restoreImage = (id: string) => told<FoundImage>(api.POST("/images/{asset_id}/restore", picture(id)));

/** Say that its conditions for a purpose were read; `text` is what was shown. */
export const acknowledge = (id: string, purpose: Purpose, text: string) =>
  told<AcknowledgementBody>(api.POST("/images/{asset_id}/acknowledge", { ...picture(id), body: { purpose, text } }));

/** What a link may show. */
export interface Shareable {
  kind: "image" | "collection";
  id: string;
}

export const linksQuery = ({ kind, id }: Shareable) =>
  queryOptions({
    queryKey: ["links", kind, id],
    queryFn: () =>
      told<LinksBody>(
        kind === "image"
          ? api.GET("/images/{asset_id}/links", picture(id))
          : api.GET("/collections/{collection_id}/links", { params: { path: { collection_id: id } } }),
      ),
  });

export const makeLink = ({ kind, id }: Shareable, days: number) =>
  told<LinkBody>(
    kind === "image"
      ? api.POST("/images/{asset_id}/links", { ...picture(id), body: { days } })
      : api.POST("/collections/{collection_id}/links", { params: { path: { collection_id: id } }, body: { days } }),
  );

export const revokeLink = (id: string) => told(api.DELETE("/links/{link_id}", { params: { path: { link_id: id } } }));

/** Changes pictures wherever this tab has read them, at once. What comes back undoes just that. */
export function changeEverywhere(client: QueryClient, change: (images: FoundImage[]) => FoundImage[]): () => void {
  const kept = [
    ...client.getQueriesData({ queryKey: ["work", "pages"] }),
    ...client.getQueriesData({ queryKey: ["images", "head"] }),
    ...client.getQueriesData({ queryKey: ["image"] }),
  ];
  const page = (one: ImagesPage): ImagesPage => ({ ...one, images: change([...one.images]) });
  client.setQueriesData<InfiniteData<ImagesPage>>(
    { queryKey: ["work", "pages"] },
    (data) => data && { ...data, pages: data.pages.map(page) },
  );
  client.setQueriesData<ImagesPage>({ queryKey: ["images", "head"] }, (data) => data && page(data));
  client.setQueriesData<FoundImage>({ queryKey: ["image"] }, (data) => data && (change([data])[0] ?? data));
  return () => {
    for (const [key, data] of kept) client.setQueryData(key, data);
  };
}

/** The same as `changeEverywhere`, of those pictures alone. */
export function changeImages(
  client: QueryClient,
  ids: readonly string[],
  change: (image: FoundImage) => FoundImage,
): () => void {
  const meant = new Set(ids);
  return changeEverywhere(client, (images) => images.map((one) => (meant.has(one.asset_id) ? change(one) : one)));
}
