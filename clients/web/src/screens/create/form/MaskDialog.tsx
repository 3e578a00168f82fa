import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { announce } from "@/live/announcements";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { texts } from "@/texts";
import {
  type Line,
  maskOf,
  type Point,
  paintedFrom,
  redraw,
  type Stroke,
  shareOf,
  sheetSize,
  steered,
  trace,
} from "./mask";

interface MaskDialogProps {
  /** The picture that is painted on, as an `<img>` finds it. */
  picture: string;
  /** What was painted before: white is painted. */
  mask: string | null;
  /** Width by height of what is drawn: the rest of the picture is cut off. */
  aspect: number;
  onClose: () => void;
  /** The mask, or null where nothing is painted. */
  onPainted: (mask: Blob | null) => void;
}

const own = texts.create.mask;
/** Less than a dot is nothing that a person painted. */
const NOTHING = 0.0002;
const SIZES = { least: 1, most: 50, usual: 12, step: 2 };

/** A brush with a ring, on a sheet over the picture; with keys as with a hand. */
export function MaskDialog({ picture, mask, aspect, onClose, onPainted }: MaskDialogProps) {
  const keys = useId();
  const sheet = useRef<HTMLCanvasElement>(null);
  const before = useRef<HTMLCanvasElement | null>(null);
  const strokes = useRef<Stroke[]>([]);
  const line = useRef<Line | null>(null);
  const at = useRef<Point>([0, 0]);
  const [size, setSize] = useState(SIZES.usual);
  const [erasing, setErasing] = useState(false);
  const [ring, setRing] = useState<Point | null>(null);
  const [shape, setShape] = useState<{ width: number; height: number } | null>(null);
  const [isChanged, setIsChanged] = useState(false);
  const canvas = () => sheet.current as HTMLCanvasElement;
  const width = () => (size / 100) * Math.max(canvas().width, canvas().height);

  useEffect(() => {
    if (!shape || !mask) return;
    const image = new Image();
    image.onload = () => {
      before.current = paintedFrom(image);
      if (sheet.current) redraw(sheet.current, before.current, strokes.current);
    };
    image.src = mask;
  }, [mask, shape]);

  const tell = () => {
    setIsChanged(true);
    announce(own.painted(Math.round(shareOf(canvas()) * 100)));
  };
  const hover = (point: Point) => {
    at.current = point;
    setRing(point);
  };
  const begin = (point: Point) => {
    line.current = { points: [point], width: width(), erase: erasing };
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
  const undo = () => again(strokes.current.slice(0, -1));
  const clear = () => {
    before.current = null;
    again([]);
  };
  const place = (event: PointerEvent | globalThis.PointerEvent): Point => {
    const box = canvas().getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * canvas().width,
      ((event.clientY - box.top) / box.height) * canvas().height,
    ];
  };
  const steer = (event: KeyboardEvent) => {
    const next = steered(event.key, at.current, width(), canvas());
    if (next) {
      const from = at.current;
      hover(next);
      if (event.shiftKey) {
        begin(from);
        reach(next);
        finish();
      }
    } else if (event.key === " " || (event.key === "Enter" && !event.ctrlKey && !event.metaKey)) {
      begin(at.current);
      finish();
    } else return;
    event.preventDefault();
  };
  /** As other programs have it: [ and ] size the brush, E erases, Ctrl Z takes back. */
  const shortcut = (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "[") setSize((now) => Math.max(SIZES.least, now - SIZES.step));
    else if (event.key === "]") setSize((now) => Math.min(SIZES.most, now + SIZES.step));
    else if (mod && event.key.toLowerCase() === "z") undo();
    else if (!mod && event.key.toLowerCase() === "e") setErasing((now) => !now);
    else return;
    event.preventDefault();
  };
  const close = async () => {
    if (isChanged) onPainted(shareOf(canvas()) > NOTHING ? await maskOf(canvas()) : null);
    onClose();
  };

  return (
    <Dialog
      open
      onClose={close}
      title={own.title}
      shape="wide"
      foot={
        <Button look="primary" onClick={close}>
          {own.done}
        </Button>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the dialog, whatever in it has the focus */}
      <div className="grid gap-3" onKeyDown={shortcut}>
        {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: an application is worked with keys */}
        <div
          className="relative mx-auto touch-none overflow-hidden rounded-lg bg-well"
          style={
            shape
              ? {
                  aspectRatio: `${shape.width} / ${shape.height}`,
                  width: `min(100%, ${(62 * shape.width) / shape.height}vh)`,
                }
              : undefined
          }
          role="application"
          tabIndex={0}
          aria-label={own.sheet}
          aria-describedby={keys}
          onKeyDown={steer}
          onFocus={() => setRing(at.current)}
        >
          {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: an application is worked with keys */}
          <img
            src={picture}
            alt=""
            draggable={false}
            className="absolute inset-0 size-full select-none"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              const now = sheetSize(naturalWidth, naturalHeight);
              at.current = [now.width / 2, now.height / 2];
              setShape(now);
            }}
          />
          {shape && (
            <canvas
              ref={sheet}
              width={shape.width}
              height={shape.height}
              data-sheet
              className="absolute inset-0 size-full cursor-none opacity-65"
              onPointerDown={(event) => {
                if (event.button !== 0) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                begin(place(event));
              }}
              onPointerMove={(event) => {
                if (line.current) for (const one of event.nativeEvent.getCoalescedEvents?.() ?? []) reach(place(one));
                if (line.current) reach(place(event));
                hover(place(event));
              }}
              onPointerUp={finish}
              onPointerCancel={finish}
              onPointerLeave={() => !line.current && setRing(null)}
            />
          )}
          {shape && <Kept shape={shape.width / shape.height} aspect={aspect} />}
          {shape && ring && (
            <span
              aria-hidden
              className="pointer-events-none absolute aspect-square -translate-1/2 rounded-full border-2 border-white shadow-[0_0_0_1px_#000]"
              style={{
                left: `${(ring[0] / shape.width) * 100}%`,
                top: `${(ring[1] / shape.height) * 100}%`,
                width: `${((size / 100) * Math.max(shape.width, shape.height) * 100) / shape.width}%`,
              }}
            />
          )}
        </div>
        <div className="flex flex-wrap items-center justify-center gap-2">
          <label className="flex items-center gap-2 text-[13px]">
            {own.brush}
            <input
              type="range"
              className="h-6 w-32 accent-(--accent)"
              aria-label={own.size}
              min={SIZES.least}
              max={SIZES.most}
              value={size}
              onChange={(event) => setSize(event.currentTarget.valueAsNumber)}
            />
          </label>
          <Button
            size="small"
            aria-pressed={erasing}
            className="aria-pressed:border-accent aria-pressed:bg-wash"
            onClick={() => setErasing(!erasing)}
          >
            {own.erase}
          </Button>
          <Button size="small" onClick={undo}>
            {own.undo}
          </Button>
          <Button size="small" onClick={() => again([...strokes.current, "swap"])}>
            {own.swap}
          </Button>
          <Button size="small" onClick={clear}>
            {own.clear}
          </Button>
        </div>
        <p id={keys} className="text-center text-xs text-soft">
          {own.keys}
        </p>
      </div>
    </Dialog>
  );
}

/** Dims what is cut off of the picture, at its sides or at top and bottom. */
function Kept({ shape, aspect }: { shape: number; aspect: number }) {
  const share = shape > aspect ? aspect / shape : shape / aspect;
  if (share > 0.98) return null;
  const edge = `${((1 - share) / 2) * 100}%`;
  const inset =
    shape > aspect ? { left: edge, right: edge, top: 0, bottom: 0 } : { top: edge, bottom: edge, left: 0, right: 0 };
  return <span aria-hidden className="pointer-events-none absolute shadow-[0_0_0_100vmax_#0008]" style={inset} />;
}
