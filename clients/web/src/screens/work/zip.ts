import type { FileLink, FoundImage } from "@openapi";
import { fetchBlob } from "@/api/client";
import type { Purpose } from "@/api/images";
import { onThisOrigin } from "@/parts/source";
import { fileName, forUse } from "@/pictures/files";
import { inTurn } from "@/pictures/inTurn";

/** What is put into a zip of one picture: its PNG, or the best that there is of its own size. */
export function bestFile(files: readonly FileLink[]): FileLink | null {
  const own = files.filter((file) => !file.size);
  for (const format of ["png", "webp", "jpeg", "avif", "svg"]) {
    const found = own.find((file) => file.format === format);
    if (found) return found;
  }
  return own[0] ?? files[0] ?? null;
}

interface Zipping {
  use?: Purpose;
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** Fetches pictures, a few at once, and saves those that are given out as one zip. What was refused comes back. */
export async function saveZip(
  images: readonly FoundImage[],
  name: string,
  { use = "internal", signal, onProgress }: Zipping,
) {
  const { zip } = await import("fflate");
  const entries: Record<string, [Uint8Array, { level: 0 }]> = {};
  const { failed, errors } = await inTurn(
    images,
    async (image) => {
      const file = bestFile(image.files);
      if (!file) return;
      const blob = await fetchBlob(onThisOrigin(forUse(file.url, use)), signal);
      const words = `${String(images.indexOf(image) + 1).padStart(3, "0")} ${image.prompt}`;
      // Pictures are compressed as they are.
      entries[fileName(words, image.asset_id, file.format)] = [new Uint8Array(await blob.arrayBuffer()), { level: 0 }];
    },
    { atOnce: 4, done: onProgress },
  );
  signal.throwIfAborted();
  const saved = Object.keys(entries).length;
  if (saved > 0) {
    const bytes = await new Promise<Uint8Array>((resolve, reject) =>
      zip(entries, (error, data) => (error ? reject(error) : resolve(data))),
    );
    saveBytes(bytes, `${name}.zip`);
  }
  return { saved, failed, errors };
}

function saveBytes(bytes: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/zip" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
