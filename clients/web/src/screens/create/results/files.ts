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
  return url ? withQuery(url, "use=reference") : null;
}

/** The address at which a file is saved. */
export const toSave = (file: FileLink): string => withQuery(file.url, "download=1");

/** What a file is called: PNG, or PNG 64 × 64. */
export const nameOf = (file: FileLink): string =>
  [file.format.toUpperCase(), file.size?.replace("x", " × ")].filter(Boolean).join(" ");

/** A weight as people say it. */
export function weight(bytes: number): string {
  if (bytes < 10_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What a file is saved as. */
export function fileNameOf(prompt: string, image: ImageBody, file: FileLink): string {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
  const parts = [words || "picture", String(image.seed), ...(file.size ? [file.size] : [])];
  return `${parts.join("-")}.${file.format}`;
}

/** What names a picture among all. */
export const idOf = (jobId: string, image: ImageBody): string => image.asset_id || `${jobId}/${image.index}`;

const withQuery = (url: string, query: string) => `${url}${url.includes("?") ? "&" : "?"}${query}`;
