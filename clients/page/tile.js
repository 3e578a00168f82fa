// A picture's place on the easel: while it is drawn, and when it hangs.

import { ROOT } from "./api.js";
import { announce, glyph, make } from "./elements.js";

/** @import { ImageBody, JobBody, JobStatus, LicenceBody } from "../openapi.d.ts" */

/**
 * A place on the easel; only one that is being drawn has functions.
 * @typedef {object} Tile
 * @property {HTMLElement} element
 * @property {boolean} finished
 * @property {(source: string) => void} [preview]
 * @property {(text: string, part: number) => void} [advance]
 * @property {(status: JobStatus) => void} [giveUp]
 */

/**
 * A place that is being drawn. It has the picture's shape from the start, so that nothing moves when it comes.
 * @param {number} index
 * @param {string | null | undefined} size
 * @returns {Tile}
 */
export function pendingTile(index, size) {
  const [width, height] = (size ?? "1x1").split("x").map(Number);
  const image = make("img", { alt: "", class: "preview", hidden: true });
  const bar = make("progress", { max: 1, value: 0, "aria-label": `Progress of picture ${index + 1}` });
  const words = make("span", {}, "waiting");
  const mat = make("div", { class: "mat pending" }, image);
  mat.style.aspectRatio = `${width} / ${height}`;
  const caption = make("div", { class: "caption" }, bar, words);
  image.addEventListener("error", () => {
    image.hidden = true;
  });
  return {
    element: make("li", { class: "tile" }, mat, caption),
    finished: false,
    preview(source) {
      image.src = source;
      image.hidden = false;
    },
    advance(text, part) {
      words.textContent = text;
      bar.value = part;
    },
    giveUp(status) {
      mat.classList.replace("pending", "empty");
      image.hidden = true;
      caption.replaceChildren(make("span", {}, status === "canceled" ? "not drawn" : "failed"));
    },
  };
}

/**
 * A finished picture with its seed and its files.
 * @param {ImageBody} image
 * @param {JobBody} job
 * @param {{ edit: ((image: ImageBody) => void) | null, like: (image: ImageBody) => void }} on called when a person wants to
 *   begin with this picture, or more like it
 * @returns {Tile}
 */
export function finishedTile(image, job, on) {
  const shown = shownFile(image);
  const picture = make("img", {
    src: toLookAt(shown.url),
    width: image.width,
    height: image.height,
    decoding: "async",
    alt: `${job.prompt}, picture ${image.index + 1} of ${job.images_total}`,
  });
  const open = make("a", { class: "mat", href: toLookAt(image.url), target: "_blank", rel: "noopener" }, picture);
  open.style.aspectRatio = `${image.width} / ${image.height}`;
  const refusal = make("p", { class: "failure", role: "alert", hidden: true });
  const files = image.files.map((file) => {
    const name = [file.format.toUpperCase(), file.size?.replace("x", " × ")].filter(Boolean).join(" ");
    const href = `${relative(file.url)}${file.size ? "&" : "?"}download=1`;
    return make(
      "a",
      {
        href,
        onclick:
          image.licence.internal === "allowed"
            ? undefined
            : /** @param {MouseEvent} event */ (event) => ask(event, href, refusal),
        download: "",
        title: weight(file.size_bytes),
        "aria-label": `Download picture ${image.index + 1} as ${name}, ${weight(file.size_bytes)}`,
      },
      glyph("save"),
      name,
    );
  });
  const caption = make("div", { class: "caption" }, seedButton(image), make("div", { class: "files" }, files));
  const { edit, like } = on;
  const change =
    edit &&
    make(
      "button",
      {
        type: "button",
        class: "edit",
        "aria-label": `Edit this: begin with picture ${image.index + 1}`,
        onclick: () => edit(image),
      },
      glyph("any"),
      "Edit this",
    );
  const more = make(
    "button",
    {
      type: "button",
      class: "edit",
      "aria-label": `More like this: like picture ${image.index + 1}`,
      onclick: () => like(image),
    },
    "More like this",
  );
  const element = make(
    "li",
    { class: "tile" },
    open,
    caption,
    refusal,
    make("div", { class: "fine" }, make("span", {}, `${image.width} × ${image.height}`), badge(image.licence)),
    make("div", { class: "fine next" }, more, change),
  );
  return { element, finished: true };
}

/**
 * An address of a picture to be looked at, which needs less than any other use of it.
 * @param {string} url
 */
export function toLookAt(url) {
  const address = relative(url);
  return `${address}${address.includes("?") ? "&" : "?"}use=reference`;
}

/**
 * Save a file that its licences may keep from being had: why, is said in its place.
 * @param {MouseEvent} event
 * @param {string} href
 * @param {HTMLElement} refusal
 */
async function ask(event, href, refusal) {
  event.preventDefault();
  const answer = await fetch(href);
  refusal.hidden = answer.ok;
  if (answer.ok) {
    location.assign(href);
    return;
  }
  const body = await answer.json().catch(() => null);
  refusal.textContent = body?.error?.message ?? "The studio does not hand this file out now";
}

/** @param {ImageBody} image */
function seedButton(image) {
  const words = make("span", {}, `Seed ${image.seed}`);
  const copy = async () => {
    const copied = await navigator.clipboard?.writeText(String(image.seed)).then(
      () => true,
      () => false,
    );
    words.textContent = copied ? "Copied" : `Seed ${image.seed}`;
    announce(copied ? `Seed ${image.seed} copied` : "The browser does not allow copying here");
    setTimeout(() => {
      words.textContent = `Seed ${image.seed}`;
    }, 1200);
  };
  return make(
    "button",
    {
      type: "button",
      class: "seed",
      onclick: copy,
      title: "Copy the seed",
      "aria-label": `Copy seed ${image.seed}`,
    },
    words,
    glyph("copy"),
  );
}

/** @type {Partial<Record<string, [string, string]>>} */
const VERDICTS = {
  allowed: ["ok", "Product use allowed"],
  conditional: ["some", "Product use with conditions"],
};

/**
 * What the picture may be used for, in three words; the reasons on hover and for screen readers.
 * @param {LicenceBody} licence
 */
export function badge(licence) {
  const closed = licence.internal === "allowed" ? "Internal use only" : "Reference only";
  const [kind, text] = VERDICTS[licence.product] ?? ["no", closed];
  const reasons = [...licence.licences, ...licence.reasons].join("; ");
  return make(
    "span",
    { class: `badge ${kind}`, title: reasons },
    text,
    make("span", { class: "unseen" }, ` (${reasons})`),
  );
}

/**
 * The same file from where this page is, whatever name the studio has for itself.
 * @param {string} url
 */
export const relative = (url) => {
  const { origin, pathname, search, host } = new URL(url, location.href);
  const [, ours] = pathname.match(/\/(jobs\/[^/]+\/images\/[^/]+|pictures\/[^/]+)$/) ?? [];
  return ours ? ROOT + ours + search : `${origin || host}${pathname}${search}`;
};

const SHOWN = ["webp", "png", "avif", "jpeg", "svg"];

/**
 * The file that a page shows of a picture, at the picture's own size.
 * @param {ImageBody} image
 */
export function shownFile(image) {
  const own = image.files.filter((file) => !file.size);
  const best = SHOWN.find((format) => own.some((file) => file.format === format));
  return own.find((file) => file.format === best) ?? image.files[0];
}

/** @param {number} bytes */
function weight(bytes) {
  return bytes < 10_000
    ? `${(bytes / 1000).toFixed(1)} kB`
    : bytes < 1_000_000
      ? `${Math.round(bytes / 1000)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`;
}
