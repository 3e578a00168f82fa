import { fetchBlob } from "@/api/client";
import { onThisOrigin } from "./source";

/** Save a file of the studio. A `Problem` is thrown where the studio does not give it out, such as for its licence. */
export async function download(url: string, name: string): Promise<void> {
  const address = onThisOrigin(url);
  saveBlob(await fetchBlob(address), name);
}

/** Save bytes under a name. */
export function saveBlob(blob: Blob, name: string): void {
  const local = URL.createObjectURL(blob);
  try {
    const link = document.createElement("a");
    link.href = local;
    link.download = name;
    link.click();
  } finally {
    setTimeout(() => URL.revokeObjectURL(local), 10_000);
  }
}
