import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import { type Line, type Point, paintedFrom, redraw, type Stroke, shareOf, steered, trace } from "./mask";

/** The brush's width, in hundredths of the sheet's longer side. */
export const SIZES = { least: 1, most: 50, usual: 12, step: 2 };

/** A sheet that is painted on, by hand and by keys: what was done, what is undone, and where the brush is. */
export function usePainting(sheet: RefObject<HTMLCanvasElement | null>, isReady: boolean, mask: string | null) {
  const before = useRef<HTMLCanvasElement | null>(null);
  const strokes = useRef<Stroke[]>([]);
  const line = useRef<Line | null>(null);
  const at = useRef<Point>([0, 0]);
  const [size, setSize] = useState(SIZES.usual);
  const [isErasing, setIsErasing] = useState(false);
  const [ring, setRing] = useState<Point | null>(null);
  const [isChanged, setIsChanged] = useState(false);

  useEffect(() => {
    if (!isReady || !mask) return;
    const image = new Image();
    image.onload = () => {
      before.current = paintedFrom(image);
      if (sheet.current) redraw(sheet.current, before.current, strokes.current);
    };
    image.src = mask;
  }, [mask, isReady, sheet]);

  const canvas = () => sheet.current as HTMLCanvasElement;
  const width = () => (size / 100) * Math.max(canvas().width, canvas().height);
  const tell = () => {
    setIsChanged(true);
    announce(texts.create.mask.painted(Math.round(shareOf(canvas()) * 100)));
  };
  const hover = (point: Point) => {
    at.current = point;
    setRing(point);
  };
  const begin = (point: Point) => {
    line.current = { points: [point], width: width(), erase: isErasing };
    strokes.current.push(line.current);
    trace(canvas(), line.current, 0);
  };
  const reach = (point: Point) => {
    if (!line.current) return;
    line.current.points.push(point);
    trace(canvas(), line.current, line.current.points.length - 2);
  };
  const finish = () => {
    if (line.current) tell();
    line.current = null;
  };
  const again = (now: Stroke[]) => {
    strokes.current = now;
    redraw(canvas(), before.current, now);
    tell();
  };
  const resize = (by: number) => setSize((now) => Math.max(SIZES.least, Math.min(SIZES.most, now + by)));
  const undo = () => again(strokes.current.slice(0, -1));
  const swap = () => again([...strokes.current, "swap"]);
  const clear = () => {
    before.current = null;
    again([]);
  };
  const placeOf = (event: PointerEvent | globalThis.PointerEvent): Point => {
    const box = canvas().getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * canvas().width,
      ((event.clientY - box.top) / box.height) * canvas().height,
    ];
  };

  /** Arrows move the brush, with Shift they paint along the way, Space or Enter paints a dot. */
  const steer = (event: KeyboardEvent) => {
    const next = steered(event.key, at.current, width(), canvas());
    const isDot = event.key === " " || (event.key === "Enter" && !event.ctrlKey && !event.metaKey);
    if (!next && !isDot) return;
    event.preventDefault();
    if (isDot || event.shiftKey) begin(at.current);
    if (next) {
      reach(next);
      hover(next);
    }
    finish();
  };

  /** As other programs have it: [ and ] size the brush, E erases, Ctrl Z takes back. */
  const shortcut = (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (key === "[") resize(-SIZES.step);
    else if (key === "]") resize(SIZES.step);
    else if (mod && key === "z") undo();
    else if (!mod && key === "e") setIsErasing((now) => !now);
    else return;
    event.preventDefault();
  };

  /** What the sheet hears of a hand. */
  const hand = {
    onPointerDown(event: PointerEvent<HTMLCanvasElement>) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      begin(placeOf(event));
    },
    onPointerMove(event: PointerEvent<HTMLCanvasElement>) {
      if (line.current) {
        for (const one of event.nativeEvent.getCoalescedEvents?.() ?? []) reach(placeOf(one));
        reach(placeOf(event));
      }
      hover(placeOf(event));
    },
    onPointerUp: finish,
    onPointerCancel: finish,
    onPointerLeave: () => !line.current && setRing(null),
  };

  /** The brush is where it was, or in the middle at first. */
  const show = () => setRing(at.current);
  const startAt = (point: Point) => {
    at.current = point;
  };
  return {
    ring,
    size,
    setSize,
    isErasing,
    setIsErasing,
    isChanged,
    undo,
    swap,
    clear,
    steer,
    shortcut,
    hand,
    show,
    startAt,
  };
}

export type Painting = ReturnType<typeof usePainting>;
