// Painting where a picture is redrawn: a brush with a ring, on a sheet over the picture.

import { announce, byId } from "./elements.js";

/** @typedef {{ points: [number, number][], width: number, erase: boolean }} Line in pixels of the sheet */
/**
 * What was done on the sheet, in order: a line, everything swapped, or a mask from before.
 * @typedef {Line | "swap" | HTMLCanvasElement} Stroke
 */

/** The longest side of a mask; models see less. */
const MOST = 1024;
/** Stripes: a single colour would be lost on pictures that have it. */
const STRIPES = ["#ff5a26", "#ffffff"];
/** @type {Stroke[]} */
let strokes = [];
/** @type {Line | null} */
let line = null;
let erasing = false;
/** Where the ring is, in pixels of the sheet. @type {[number, number]} */
let at = [0, 0];
let closed = () => {};

const sheet = () => byId("brush-canvas");
const context = () => /** @type {CanvasRenderingContext2D} */ (sheet().getContext("2d"));
/** The brush's width in pixels of the sheet: a share of its longer side. */
const width = () => (Number(byId("brush-size").value) / 100) * Math.max(sheet().width, sheet().height);

/** Wire the tools, once. */
export function setUp() {
  const canvas = sheet();
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    for (const one of event.getCoalescedEvents?.() ?? [event]) if (line) reach(place(one));
    hover(place(event));
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, finish);
  canvas.addEventListener("pointerleave", () => byId("brush-ring").classList.toggle("away", !line));
  byId("brush-stage").addEventListener("focus", () => hover(at));
  byId("brush-stage").addEventListener("keydown", steer);
  byId("brush").addEventListener("keydown", shortcut);
  byId("brush-size").addEventListener("input", () => hover(at));
  byId("brush-erase").addEventListener("click", () => erase(!erasing));
  byId("brush-undo").addEventListener("click", undo);
  byId("brush-swap").addEventListener("click", () => add("swap"));
  byId("brush-clear").addEventListener("click", () => {
    strokes = [];
    redraw();
  });
  byId("brush-done").addEventListener("click", () => byId("brush").close());
  byId("brush").addEventListener("close", () => closed());
}

/**
 * Let a person paint over a picture, beginning with what they painted before.
 * @param {HTMLImageElement} picture one that is loaded
 * @param {number} aspect of what is kept of it, width by height
 * @param {Stroke[]} before
 * @returns {Promise<{ strokes: Stroke[], part: number }>} the share of the picture that is painted, from 0 to 1
 */
export function paint(picture, aspect, before) {
  const { naturalWidth, naturalHeight } = picture;
  const scale = Math.min(1, MOST / Math.max(naturalWidth, naturalHeight));
  const canvas = sheet();
  [canvas.width, canvas.height] = [Math.round(naturalWidth * scale), Math.round(naturalHeight * scale)];
  byId("brush-picture").src = picture.src;
  const stage = byId("brush-stage").style;
  stage.setProperty("--aspect", String(naturalWidth / naturalHeight));
  stage.setProperty("--kept", String(aspect));
  byId("brush-kept").classList.toggle("tall", aspect < naturalWidth / naturalHeight);
  strokes = [...before];
  at = [canvas.width / 2, canvas.height / 2];
  erase(false);
  redraw();
  byId("brush").showModal();
  byId("brush-stage").focus();
  return new Promise((resolve) => {
    closed = () => resolve({ strokes, part: painted() });
  });
}

/** The sheet as a mask: white where it is painted, black elsewhere. @returns {Promise<Blob>} */
export function mask() {
  const { width, height } = sheet();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  to.drawImage(sheet(), 0, 0);
  fill(to, "source-in", "white");
  fill(to, "destination-over", "black");
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the mask could not be made")))),
  );
}

/**
 * A mask that the studio has, as a stroke to go on from.
 * @param {HTMLImageElement} image
 * @returns {HTMLCanvasElement}
 */
export function strokeOf(image) {
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.naturalWidth,
    height: image.naturalHeight,
  });
  const to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  to.drawImage(image, 0, 0);
  const pixels = to.getImageData(0, 0, canvas.width, canvas.height);
  // How white it is becomes how much is painted.
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data[i + 3] = pixels.data[i];
  to.putImageData(pixels, 0, 0);
  fill(to, "source-in", stripes(to));
  return canvas;
}

/**
 * Draw what is on the sheet into another canvas, over all of it.
 * @param {HTMLCanvasElement} canvas
 */
export function copyTo(canvas) {
  [canvas.width, canvas.height] = [sheet().width, sheet().height];
  canvas.getContext("2d")?.drawImage(sheet(), 0, 0);
}

/** @param {MouseEvent} event @returns {[number, number]} */
function place(event) {
  const box = sheet().getBoundingClientRect();
  const { width: across, height: down } = sheet();
  return [((event.clientX - box.left) / box.width) * across, ((event.clientY - box.top) / box.height) * down];
}

/** @param {[number, number]} point */
function begin(point) {
  line = { points: [point], width: width(), erase: erasing };
  strokes.push(line);
  trace(line, 0);
}

/** @param {[number, number]} point */
function reach(point) {
  if (!line) return;
  line.points.push(point);
  trace(line, line.points.length - 2);
}

function finish() {
  if (line) tell();
  line = null;
}

/** @param {Stroke} stroke */
function add(stroke) {
  strokes.push(stroke);
  redraw();
  tell();
}

function undo() {
  strokes.pop();
  redraw();
  tell();
}

/** @param {boolean} on */
function erase(on) {
  erasing = on;
  byId("brush-erase").setAttribute("aria-pressed", String(on));
}

/**
 * Draw a line from one of its points on.
 * @param {Line} stroke
 * @param {number} from
 */
function trace(stroke, from) {
  const to = context();
  to.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
  Object.assign(to, { strokeStyle: stripes(to), lineWidth: stroke.width, lineCap: "round", lineJoin: "round" });
  to.beginPath();
  const [x, y] = stroke.points[from];
  to.moveTo(x, y);
  const rest = stroke.points.slice(from + 1);
  // A line without length is not drawn: a dot is a very short one.
  for (const point of rest.length ? rest : [/** @type {[number, number]} */ ([x + 0.01, y])]) to.lineTo(...point);
  to.stroke();
}

function redraw() {
  const to = context();
  to.globalCompositeOperation = "source-over";
  to.clearRect(0, 0, sheet().width, sheet().height);
  for (const stroke of strokes) {
    if (stroke === "swap") fill(to, "xor", stripes(to));
    else if (stroke instanceof HTMLCanvasElement) {
      to.globalCompositeOperation = "source-over";
      to.drawImage(stroke, 0, 0, sheet().width, sheet().height);
    } else trace(stroke, 0);
  }
}

/**
 * @param {CanvasRenderingContext2D} to
 * @param {GlobalCompositeOperation} how
 * @param {string | CanvasPattern} colour
 */
function fill(to, how, colour) {
  to.globalCompositeOperation = how;
  to.fillStyle = colour;
  to.fillRect(0, 0, to.canvas.width, to.canvas.height);
}

/**
 * What painted parts are filled with: about 40 stripes across, whatever the size.
 * @param {CanvasRenderingContext2D} to
 */
function stripes(to) {
  const side = Math.max(4, Math.round(Math.max(to.canvas.width, to.canvas.height) / 40));
  const tile = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const one = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  fill(one, "source-over", STRIPES[0]);
  Object.assign(one, { strokeStyle: STRIPES[1], lineWidth: side / 4 });
  for (const shift of [-side, 0, side]) {
    one.beginPath();
    one.moveTo(shift - side, side * 2);
    one.lineTo(shift + side * 2, -side);
    one.stroke();
  }
  return /** @type {CanvasPattern} */ (to.createPattern(tile, "repeat"));
}

/** The share of the sheet that is painted, from 0 to 1, by a small copy of it. */
function painted() {
  const small = Object.assign(document.createElement("canvas"), { width: 96, height: 96 });
  const to = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d", { willReadFrequently: true }));
  to.drawImage(sheet(), 0, 0, 96, 96);
  const { data } = to.getImageData(0, 0, 96, 96);
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) sum += data[i];
  return sum / 255 / (96 * 96);
}

const tell = () => announce(`${Math.round(painted() * 100)} % is painted`);

/** @param {[number, number]} point */
function hover(point) {
  at = point;
  const { width: across, height: down } = sheet();
  const ring = byId("brush-ring");
  ring.classList.remove("away");
  ring.style.left = `${(point[0] / across) * 100}%`;
  ring.style.top = `${(point[1] / down) * 100}%`;
  ring.style.width = `${(width() / across) * 100}%`;
}

/** The brush by keys: arrows move it, with Shift they paint along the way, Space or Enter paints a dot. */
/** @param {KeyboardEvent} event */
function steer(event) {
  /** @type {Record<string, [number, number]>} */
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (way) {
    const clamp = (/** @type {number} */ value, /** @type {number} */ most) => Math.max(0, Math.min(most, value));
    const [x, y] = [at[0] + (way[0] * width()) / 2, at[1] + (way[1] * width()) / 2];
    const from = at;
    hover([clamp(x, sheet().width), clamp(y, sheet().height)]);
    if (event.shiftKey) {
      begin(from);
      reach(at);
      finish();
    }
  } else if (event.key === " " || (event.key === "Enter" && !event.ctrlKey && !event.metaKey)) {
    begin(at);
    finish();
  } else return;
  event.preventDefault();
}

/** As other programs have it: [ and ] size the brush, E erases, Ctrl Z takes back. @param {KeyboardEvent} event */
function shortcut(event) {
  const size = byId("brush-size");
  if (event.key === "[" || event.key === "]") {
    size.value = String(Number(size.value) + (event.key === "[" ? -2 : 2));
    hover(at);
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undo();
  } else if (event.key.toLowerCase() === "e" && !event.ctrlKey && !event.metaKey) erase(!erasing);
}
