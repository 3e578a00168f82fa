// Pictures that an order begins with: chosen, dropped or pasted, sent to the studio at once, and named in the order.

import { ApiError, uploadPicture } from "./api.js";
import { announce } from "./elements.js";

/**
 * A picture as the form has it. `name` is what the studio calls it, empty until it is there; `shown` its address here.
 * @typedef {object} Source
 * @property {string} title
 * @property {string} shown
 * @property {string} name
 */

/** @type {Set<Promise<void>>} */
const uploads = new Set();

/** Wait until everything that is on its way has arrived, or failed and said so. */
export const arrived = () => Promise.all(uploads);

/**
 * Send a file to the studio. `done` is called when it has a name, `failed` with the refusal.
 * @param {Blob} file
 * @param {string} title
 * @param {(source: Source) => void} done
 * @param {(error: Error) => void} failed
 * @returns {Source} without a name yet
 */
export function send(file, title, done, failed) {
  const source = { title, shown: URL.createObjectURL(file), name: "" };
  const upload = uploadPicture(file, title)
    .then(
      (picture) => {
        source.name = picture.picture_id;
        announce([`${title} is ready`, ...(picture.notes ?? []).map((note) => note.message)].join(": "));
        done(source);
      },
      (error) =>
        failed(error instanceof Error ? error : new ApiError(0, { code: "unexpected", message: String(error) })),
    )
    .finally(() => uploads.delete(upload));
  uploads.add(upload);
  return source;
}

/**
 * Forget a picture; its bytes leave the browser's memory.
 * @param {Source | null} source
 */
export function forget(source) {
  if (source?.shown.startsWith("blob:")) URL.revokeObjectURL(source.shown);
}

/** @param {DataTransfer | null} transfer what was dropped or pasted */
export const filesOf = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
