import type { FoundImage, ImagesPage } from "@openapi";

/** What is shown: the pages in their order, with what is newer than them before. Each picture once. */
export function shownOf(
  pages: readonly ImagesPage[],
  head: ImagesPage | undefined,
  newestFirst: boolean,
): FoundImage[] {
  const listed = pages.flatMap((page) => page.images);
  if (!newestFirst || !head || pages.length === 0) return listed;
  const first = listed[0];
  const fresh = first
    ? head.images.slice(
        0,
        Math.max(
          0,
          head.images.findIndex((one) => one.asset_id === first.asset_id),
        ),
      )
    : head.images;
  const known = new Set(fresh.map((one) => one.asset_id));
  return fresh.length === 0 ? listed : [...fresh, ...listed.filter((one) => !known.has(one.asset_id))];
}

/** Pictures in the order of the list that was looked at last, so that one leads to the next. */
let order: readonly string[] = [];

export function keepOrder(ids: readonly string[]): void {
  order = ids;
}

/** The pictures before and after one, in the list that it was opened from. */
export function neighboursOf(id: string): { before: string | null; after: string | null; place: number; of: number } {
  const place = order.indexOf(id);
  if (place < 0) return { before: null, after: null, place: 0, of: 0 };
  return { before: order[place - 1] ?? null, after: order[place + 1] ?? null, place: place + 1, of: order.length };
}
