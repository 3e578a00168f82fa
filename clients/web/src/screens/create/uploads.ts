import { uploadPicture } from "@/api/drawing";
import { asProblem } from "@/api/problem";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import type { Source } from "./draft";
import { refuse, settle } from "./form";
import { sentenceOf } from "./refusals";

/** What a file chooser offers; the studio looks at the bytes. */
export const PICTURES = "image/png,image/jpeg,image/webp,image/gif,image/avif";

const onTheirWay = new Set<Promise<void>>();
let next = 1;

/** Wait until everything that is on its way has arrived, or failed and said so. */
export const arrived = () => Promise.all(onTheirWay);

/**
 * Send a picture to the studio. What is given back can be shown at once and has no name yet; it gets one in the form, or
 * is taken out of it and `field` says why.
 */
export function bring(file: Blob, title: string, field: string, mostBytes: number): Source | null {
  if (file.size > mostBytes) {
    refuse({ [field]: texts.create.pictures.tooLarge(title, file.size, mostBytes) });
    return null;
  }
  const source: Source = { id: `upload-${next++}`, name: "", title, url: URL.createObjectURL(file) };
  const sending = uploadPicture(file, title)
    .then(
      (picture) => {
        settle(source, picture.picture_id);
        announce([texts.create.pictures.ready(title), ...(picture.notes ?? []).map((note) => note.message)].join(": "));
      },
      (error) => {
        settle(source, null);
        refuse({ [field]: sentenceOf(asProblem(error)) });
      },
    )
    .finally(() => onTheirWay.delete(sending));
  onTheirWay.add(sending);
  return source;
}

/** The pictures among what was dropped or pasted. */
export const picturesOf = (transfer: DataTransfer | null): File[] =>
  [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/") && file.type !== "image/svg+xml");
