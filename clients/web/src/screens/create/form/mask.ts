/** Painting on a sheet over a picture: what was done, in order, and how it is drawn. In pixels of the sheet. */
export interface Line {
  points: [number, number][];
  width: number;
  erase: boolean;
}

/** A line, or everything swapped. */
export type Stroke = Line | "swap";

export type Point = [number, number];

/** The longest side of a mask; models see less. */
export const MOST = 1024;
/** Stripes: a single colour would be lost on pictures that have it. */
const STRIPES = ["#ff5a26", "#ffffff"] as const;

/** Where the brush goes from a point by an arrow key: half its width, and not off the sheet. */
export function steered(
  key: string,
  [x, y]: Point,
  width: number,
  sheet: { width: number; height: number },
): Point | null {
  const ways: Record<string, Point> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const way = ways[key];
  if (!way) return null;
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
  return [clamp(x + (way[0] * width) / 2, sheet.width), clamp(y + (way[1] * width) / 2, sheet.height)];
}

/** The sheet's size for a picture. */
export function sheetSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, MOST / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Draws all that was done anew, over what was there `before`. */
export function redraw(canvas: HTMLCanvasElement, before: HTMLCanvasElement | null, strokes: readonly Stroke[]): void {
  const to = contextOf(canvas);
  to.globalCompositeOperation = "source-over";
  to.clearRect(0, 0, canvas.width, canvas.height);
  if (before) to.drawImage(before, 0, 0, canvas.width, canvas.height);
  for (const stroke of strokes) {
    if (stroke === "swap") fill(to, "xor", stripes(to));
    else trace(canvas, stroke, 0);
  }
}

/** Draws a line from one of its points on. */
export function trace(canvas: HTMLCanvasElement, line: Line, from: number): void {
  const to = contextOf(canvas);
  const start = line.points[from];
  if (!start) return;
  to.globalCompositeOperation = line.erase ? "destination-out" : "source-over";
  Object.assign(to, { strokeStyle: stripes(to), lineWidth: line.width, lineCap: "round", lineJoin: "round" });
  to.beginPath();
  to.moveTo(...start);
  const rest = line.points.slice(from + 1);
  // A line without length is not drawn: a dot is a very short one.
  for (const point of rest.length > 0 ? rest : [[start[0] + 0.01, start[1]] as Point]) to.lineTo(...point);
  to.stroke();
}

/** A mask that the studio has, as something to go on from: how white it is becomes how much is painted. */
export function paintedFrom(image: HTMLImageElement): HTMLCanvasElement {
  const canvas = blank(image.naturalWidth, image.naturalHeight);
  const to = contextOf(canvas);
  to.drawImage(image, 0, 0);
  const pixels = to.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data[i + 3] = pixels.data[i] ?? 0;
  to.putImageData(pixels, 0, 0);
  fill(to, "source-in", stripes(to));
  return canvas;
}

/** The sheet as a mask: white where it is painted, black elsewhere. */
export function maskOf(sheet: HTMLCanvasElement): Promise<Blob> {
  const canvas = blank(sheet.width, sheet.height);
  const to = contextOf(canvas);
  to.drawImage(sheet, 0, 0);
  fill(to, "source-in", "white");
  fill(to, "destination-over", "black");
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the mask could not be made")))),
  );
}

/** The share of the sheet that is painted, from 0 to 1, by a small copy of it. */
export function shareOf(sheet: HTMLCanvasElement): number {
  const side = 96;
  const to = contextOf(blank(side, side));
  to.drawImage(sheet, 0, 0, side, side);
  const { data } = to.getImageData(0, 0, side, side);
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) sum += data[i] ?? 0;
  return sum / 255 / (side * side);
}

function blank(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser draws no canvas");
  return context;
}

function fill(to: CanvasRenderingContext2D, how: GlobalCompositeOperation, colour: string | CanvasPattern): void {
  to.globalCompositeOperation = how;
  to.fillStyle = colour;
  to.fillRect(0, 0, to.canvas.width, to.canvas.height);
}

/** What painted parts are filled with: about 40 stripes across, whatever the size. */
function stripes(to: CanvasRenderingContext2D): CanvasPattern {
  const side = Math.max(4, Math.round(Math.max(to.canvas.width, to.canvas.height) / 40));
  const one = contextOf(blank(side, side));
  fill(one, "source-over", STRIPES[0]);
  Object.assign(one, { strokeStyle: STRIPES[1], lineWidth: side / 4 });
  for (const shift of [-side, 0, side]) {
    one.beginPath();
    one.moveTo(shift - side, side * 2);
    one.lineTo(shift + side * 2, -side);
    one.stroke();
  }
  const pattern = to.createPattern(one.canvas, "repeat");
  if (!pattern) throw new Error("this browser draws no patterns");
  return pattern;
}
