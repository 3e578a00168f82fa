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
