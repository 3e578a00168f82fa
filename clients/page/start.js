// The picture that an order begins with: how much of it is redrawn, and where.

import * as brush from "./brush.js";
import { byId } from "./elements.js";
import { filesOf, forget, send } from "./source.js";

/** @import { JobBody, ModelBody } from "../openapi.d.ts" */
/** @import { Order } from "./api.js" */
/** @import { Source } from "./source.js" */
/** @import { Stroke } from "./brush.js" */

/** How much is redrawn unless somebody says: a picture as a whole keeps its outlines, a painted part begins anew. */
const USUAL = { whole: 0.75, part: 1 };

/** @type {Source | null} */
let source = null;
/** @type {{ source: Source, strokes: Stroke[], part: number } | null} */
let mask = null;
/** What a person chose; null for the usual. @type {number | null} */
let strength = null;
/** @type {ModelBody | undefined} */
let model;
/** Width by height of what is drawn. */
let aspect = 1;
/** @type {{ changed(): void, refuse(field: string, error: Error): void }} */
let on;

/** @param {{ changed(): void, refuse(field: string, error: Error): void }} listener */
export function setUp(listener) {
  on = listener;
  brush.setUp();
  byId("start-file").addEventListener("change", () => {
    const [file] = byId("start-file").files ?? [];
    byId("start-file").value = "";
    if (file) take(file);
  });
  byId("strength").addEventListener("input", () => {
    strength = Number(byId("strength").value) / 100;
    draw();
  });
  byId("start-paint").addEventListener("click", paint);
  byId("start-whole").addEventListener("click", () => {
    dropMask();
    draw();
    byId("start-paint").focus();
    on.changed();
  });
  byId("start-remove").addEventListener("click", () => {
    clear();
    byId("start-file").focus();
    on.changed();
  });
  byId("start-picture").addEventListener("load", draw);
}

/** @param {ModelBody | undefined} one */
export const redraws = (one) => !!one?.capabilities.modes.some((mode) => mode === "img2img" || mode === "inpaint");
const paints = () => !!model?.capabilities.modes.includes("inpaint");

/**
 * Offer what a model can do with a picture. What was chosen is kept for a model that can.
 * @param {ModelBody | undefined} next
 * @param {string} size of what is drawn, WIDTHxHEIGHT
 */
export function show(next, size) {
  model = next;
  const [width, height] = size.split("x").map(Number);
  aspect = width / height || 1;
  draw();
}

/** @param {DataTransfer | null} transfer what was dropped or pasted; @returns whether a picture was in it */
export function takeFrom(transfer) {
  const [file] = filesOf(transfer);
  if (!file || !redraws(model)) return false;
  take(file);
  return true;
}

/** @param {File} file */
function take(file) {
  const sent = send(
    file,
    file.name || "The picture",
    () => {
      draw();
      on.changed();
    },
    (error) => {
      if (source !== sent) return;
      clear();
      on.refuse("image", error);
    },
  );
  beginWith(sent);
}

/**
 * Begin with a picture, such as one that the studio has.
 * @param {Source} next
 */
export function beginWith(next) {
  clear();
  source = next;
  byId("start-picture").src = next.shown;
  byId("start-picture").alt = next.title;
  draw();
  on.changed();
}

/** Begin with nothing. */
export function clear() {
  dropMask();
  forget(source);
  source = null;
  strength = null;
  draw();
}

function dropMask() {
  forget(mask?.source ?? null);
  mask = null;
}

/** What POST /generate takes of it; nothing where the model has no use for it, or it is still on its way. */
export function read() {
  /** @type {Pick<Order, "image" | "mask" | "strength">} */
  const part = {};
  if (!source?.name || !redraws(model)) return part;
  part.image = source.name;
  part.strength = level();
  if (mask?.source.name && paints()) part.mask = mask.source.name;
  return part;
}

/**
 * Take over the pictures of a job that was ordered before.
 * @param {JobBody} job
 * @param {(url: string) => string} relative
 */
export function fill(job, relative) {
  clear();
  const given = (/** @type {string} */ role) => job.inputs?.find((input) => input.role === role);
  const [image, painted] = [given("image"), given("mask")];
  if (!image) return;
  beginWith({ name: image.picture, shown: relative(image.url), title: "The picture that it began with" });
  // Of the usual strength nobody said a word: it follows the mask.
  const usual = painted ? USUAL.part : USUAL.whole;
  strength = job.strength === usual ? null : (job.strength ?? null);
  if (!painted) return;
  const sheet = new Image();
  sheet.addEventListener("load", () => {
    if (source?.name !== image.picture) return;
    const stroke = brush.strokeOf(sheet);
    mask = { source: { name: painted.picture, shown: sheet.src, title: "Mask" }, strokes: [stroke], part: 0 };
    const small = byId("start-mask");
    [small.width, small.height] = [stroke.width, stroke.height];
    small.getContext("2d")?.drawImage(stroke, 0, 0);
    draw();
    on.changed();
  });
  sheet.src = relative(painted.url);
}

const level = () => strength ?? (mask && paints() ? USUAL.part : USUAL.whole);

async function paint() {
  const before = mask?.strokes ?? [];
  const { strokes, part } = await brush.paint(byId("start-picture"), aspect, before);
  byId("start-paint").focus();
  if (strokes.length === before.length && strokes.every((stroke, i) => stroke === before[i])) return;
  dropMask();
  // Less than a dot is nothing that a person painted.
  if (part > 0.0002) {
    brush.copyTo(byId("start-mask"));
    const sent = send(
      await brush.mask(),
      "mask.png",
      () => {
        draw();
        on.changed();
      },
      (error) => {
        if (mask?.source !== sent) return;
        dropMask();
        draw();
        on.refuse("mask", error);
      },
    );
    mask = { source: sent, strokes, part };
  }
  draw();
  on.changed();
}

function draw() {
  byId("start").hidden = !redraws(model);
  byId("start-drop").hidden = source !== null;
  byId("start-chosen").hidden = source === null;
  byId("start-paint").hidden = byId("start-mask-field").hidden = !paints();
  byId("start-paint").textContent = mask ? "Paint more" : "Paint where";
  byId("start-whole").hidden = !mask || !paints();
  byId("start-mask").hidden = !mask || !paints();
  byId("strength").value = String(Math.round(level() * 100));
  byId("strength-shown").textContent = `${Math.round(level() * 100)} %`;
  byId("start-where").textContent = where();
  byId("start-hint").textContent = source ? fits() : wanted();
}

/** Which part is redrawn, in words. */
function where() {
  if (source && !source.name) return "On its way to the studio …";
  if (!mask || !paints()) return paints() ? "All of it is redrawn." : "";
  if (!mask.source.name) return "The mask is on its way …";
  return mask.part
    ? `Only the painted ${Math.max(1, Math.round(mask.part * 100))} % is redrawn.`
    : "Only the painted part is redrawn.";
}

/** What a model asks for that cannot begin with words. */
function wanted() {
  const modes = model?.capabilities.modes ?? [];
  if (modes.includes("txt2img") || modes.includes("edit")) return "";
  return modes.includes("img2img")
    ? "This model needs a picture."
    : "This model needs a picture, painted where to redraw it.";
}

/** What is lost of a picture that has not the shape of what is drawn. */
function fits() {
  const { naturalWidth, naturalHeight } = byId("start-picture");
  if (!naturalWidth) return "";
  const own = naturalWidth / naturalHeight;
  if (Math.abs(Math.log(own / aspect)) < 0.02) return "";
  return own > aspect
    ? "Its left and right edges are cut off to fit the size below."
    : "Its top and bottom are cut off to fit the size below.";
}
