import type { FileLink } from "@openapi";
import type { Purpose } from "@/api/images";

/** Files of one size: the picture's own first, then the further ones, the largest first. */
export interface Sizes {
  width: number;
  height: number;
  own: boolean;
  files: FileLink[];
}

/** A picture's files by size, each format once. */
export function bySize(files: readonly FileLink[], own: { width: number; height: number }): Sizes[] {
  const sizes = new Map<string, Sizes>();
  for (const file of files) {
    const { width, height } = file.size ? measured(file.size) : own;
    const key = file.size ?? "";
    const known = sizes.get(key) ?? { width, height, own: !file.size, files: [] };
    if (!known.files.some((one) => one.format === file.format)) known.files.push(file);
    sizes.set(key, known);
  }
  return [...sizes.values()].sort((a, b) => Number(b.own) - Number(a.own) || b.width * b.height - a.width * a.height);
}

/** The sides that "512x256" tells. */
function measured(size: string): { width: number; height: number } {
  const [width = 0, height = 0] = size.split("x").map(Number);
  return { width, height };
}

/** The address of a file, saying what it is wanted for. */
export function forUse(url: string, use: Purpose): string {
  const [path = "", query = ""] = url.split("?");
  const search = new URLSearchParams(query);
  search.set("use", use);
  return `${path}?${search}`;
}

const LONGEST = 48;

/** What a picture's file is called on somebody's disk: the words it shows, then what tells it from its siblings. */
export function fileName(words: string, id: string, format: string, size?: string | null): string {
  const plain = words
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  const stem = [...plain].slice(0, LONGEST).join("").replace(/-+$/, "") || "picture";
  const measure = size ? `-${size}` : "";
  return `${stem}-${id.replace(/[^\w]/g, "").slice(-6)}${measure}.${format === "jpeg" ? "jpg" : format}`;
}

/** The file to look at: the lightest that browsers show, of the picture's own size. */
export function viewable(files: readonly FileLink[]): FileLink | null {
  const own = files.filter((file) => !file.size && ["webp", "avif", "png", "jpeg"].includes(file.format));
  return own.toSorted((a, b) => a.size_bytes - b.size_bytes)[0] ?? null;
}
