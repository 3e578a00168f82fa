import type { BallotBody } from "@openapi";
import { type PointerEvent, useEffect, useRef } from "react";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";
import { letterAt } from "./letters";
import { moved, type Zoom, zoomed } from "./zoom";

interface PlatesProps {
  ballot: BallotBody;
  pictures: readonly string[];
  zoom: Zoom;
  onZoom: (change: (zoom: Zoom) => Zoom) => void;
}

/** The pictures of a ballot, all as large as each other, enlarged and moved together. */
export function Plates({ ballot, pictures, zoom, onZoom }: PlatesProps) {
  const four = pictures.length > 2;
  return (
    <div
      className={classes(
        "grid min-h-0 flex-1 gap-px bg-line",
        four ? "grid-cols-2 grid-rows-2" : "grid-cols-1 grid-rows-2 md:grid-cols-2 md:grid-rows-1",
      )}
    >
      {pictures.map((url, place) => (
        <Plate
          key={url}
          url={url}
          letter={letterAt(place)}
          width={ballot.width}
          height={ballot.height}
          zoom={zoom}
          onZoom={onZoom}
        />
      ))}
    </div>
  );
}

interface PlateProps {
  url: string;
  letter: string;
  width: number;
  height: number;
  zoom: Zoom;
  onZoom: PlatesProps["onZoom"];
}

function Plate({ url, letter, width, height, zoom, onZoom }: PlateProps) {
  const place = useRef<HTMLDivElement>(null);
  const held = useRef<Map<number, { x: number; y: number }>>(new Map());

  // Not a React handler: those are passive, and the page would scroll.
  useEffect(() => {
    const element = place.current;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const at = shareOf(event, element);
      onZoom((now) => zoomed(now, Math.exp(-event.deltaY / 400), at));
    };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, [onZoom]);

  function move(event: PointerEvent) {
    const before = held.current.get(event.pointerId);
    const box = place.current?.getBoundingClientRect();
    if (!before || !box) return;
    const other = [...held.current].find(([id]) => id !== event.pointerId)?.[1];
    held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const now = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      onZoom((zoom) => zoomed(zoom, was ? now / was : 1, shareOf(event, place.current)));
    } else {
      const by = { x: (event.clientX - before.x) / box.width, y: (event.clientY - before.y) / box.height };
      onZoom((zoom) => moved(zoom, by.x, by.y));
    }
  }

  const release = (event: PointerEvent) => held.current.delete(event.pointerId);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what pointers do here, buttons and `z` do for everybody
    <div
      ref={place}
      className={classes(
        "relative min-h-0 touch-none overflow-hidden bg-paper select-none",
        zoom.scale > 1 ? "cursor-grab active:cursor-grabbing" : "cursor-zoom-in",
      )}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      }}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onDoubleClick={(event) => {
        const at = shareOf(event, place.current);
        onZoom((now) => zoomed(now, now.scale > 1 ? 0 : 3, at));
      }}
    >
      <img
        src={url}
        alt={texts.judge.sitting.picture(letter)}
        width={width}
        height={height}
        draggable={false}
        className="absolute inset-0 size-full object-contain p-3 md:p-5"
        style={{ transform: `translate(${zoom.x * 100}%, ${zoom.y * 100}%) scale(${zoom.scale})` }}
      />
      <span
        aria-hidden
        className="absolute top-2.5 left-2.5 grid size-7 place-items-center rounded-full bg-ink/85 text-[13px] font-semibold text-paper"
      >
        {letter}
      </span>
    </div>
  );
}

/** Where in a place a pointer is, in shares of it from its middle. */
function shareOf(event: { clientX: number; clientY: number }, place: HTMLElement | null) {
  const box = place?.getBoundingClientRect();
  if (!box) return { x: 0, y: 0 };
  return {
    x: (event.clientX - box.left) / box.width - 0.5,
    y: (event.clientY - box.top) / box.height - 0.5,
  };
}
