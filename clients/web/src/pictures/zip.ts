import type { FileLink, FoundImage } from "@openapi";
import { fetchBlob } from "@/api/client";
import type { Purpose } from "@/api/images";
import { asProblem, type Problem } from "@/api/problem";
import { onThisOrigin } from "@/parts/source";
import { fileName, forUse } from "./files";
import { inTurn } from "./inTurn";

/** A picture of which a file is wanted, and its place among them, by which the file is named. */
export interface Wanted {
  image: FoundImage;
  place: number;
}

/** One that is not given out, and why. */
export interface Refused extends Wanted {
  problem: Problem;
}

export interface Fetched {
  files: ReadonlyMap<string, Uint8Array>;
  refused: readonly Refused[];
}

export const wantedOf = (images: readonly FoundImage[]): Wanted[] =>
  images.map((image, index) => ({ image, place: index + 1 }));

/** What is put into a zip of one picture: its PNG, or the best that there is of its own size. */
export function bestFile(files: readonly FileLink[]): FileLink | null {
  const own = files.filter((file) => !file.size);
  for (const format of ["png", "webp", "jpeg", "avif", "svg"]) {
    const found = own.find((file) => file.format === format);
    if (found) return found;
  }
  return own[0] ?? files[0] ?? null;
}

/** The sentences that lift a refusal once they are read, each once; and those that nothing lifts. */
export function conditionsOf(refused: readonly Refused[]): { texts: string[]; lifted: Refused[]; lost: Refused[] } {
  const textOf = (one: Refused) => one.problem.detail?.acknowledge ?? null;
  const lifted = refused.filter((one) => textOf(one) !== null);
  const texts = [...new Set(lifted.flatMap((one) => textOf(one) ?? []))];
  return { texts, lifted, lost: refused.filter((one) => textOf(one) === null) };
}

interface Fetching {
  use: Purpose;
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** Fetches a file of each picture for a use, a few at once; those that are refused are named. */
export async function fetchFiles(wanted: readonly Wanted[], { use, signal, onProgress }: Fetching): Promise<Fetched> {
  const files = new Map<string, Uint8Array>();
  const refused: Refused[] = [];
  await inTurn(
    wanted,
    async ({ image, place }) => {
      const file = bestFile(image.files);
      if (!file || signal.aborted) return;
      try {
        const blob = await fetchBlob(onThisOrigin(forUse(file.url, use)), signal);
        const words = `${String(place).padStart(3, "0")} ${image.prompt}`;
        files.set(fileName(words, image.asset_id, file.format), new Uint8Array(await blob.arrayBuffer()));
      } catch (error) {
        refused.push({ image, place, problem: asProblem(error) });
      }
    },
    { atOnce: 4, done: onProgress },
  );
  signal.throwIfAborted();
  return { files, refused };
}

/** Saves files as one zip. Pictures are compressed as they are. */
export async function saveZip(files: ReadonlyMap<string, Uint8Array>, name: string): Promise<void> {
  const { zip } = await import("fflate");
  const entries = Object.fromEntries([...files].map(([key, bytes]) => [key, [bytes, { level: 0 }] as const]));
  const bytes = await new Promise<Uint8Array>((resolve, reject) =>
    zip(entries as never, (error, data) => (error ? reject(error) : resolve(data))),
  );
  saveBytes(bytes, `${name}.zip`);
}

function saveBytes(bytes: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/zip" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
