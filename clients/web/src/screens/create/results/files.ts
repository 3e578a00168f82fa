import type { FileLink, ImageBody } from "@openapi";

const SHOWN: readonly FileLink["format"][] = ["webp", "png", "avif", "jpeg", "svg"];

/** The file that a page shows of a picture, at the picture's own size. */
export function shownFile(files: readonly FileLink[]): FileLink | undefined {
  const own = files.filter((file) => !file.size);
  const best = SHOWN.find((format) => own.some((file) => file.format === format));
  return own.find((file) => file.format === best) ?? files[0];
}

/** The address at which a picture is looked at, which needs less than any other use of it. Null where it has no file. */
export function toLookAt(image: { url: string; files: readonly FileLink[] }): string | null {
  const url = shownFile(image.files)?.url ?? image.url;
  return url ? `${url}${url.includes("?") ? "&" : "?"}use=reference` : null;
}

/** What names a picture among all. */
export const idOf = (jobId: string, image: ImageBody): string => image.asset_id || `${jobId}/${image.index}`;
