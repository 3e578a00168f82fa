import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "@/parts/classes";
import { type Box, FIT, keyed, panned, type View, zoomed } from "./view";

interface ZoomableProps {
  view: View;
  onView: (change: (view: View) => View) => void;
  label: string;
  /** The wheel alone enlarges; otherwise it scrolls the page, and enlarges with Ctrl. */
  wheel?: boolean;
  className?: string;
  /** Lies over the picture and is not moved with it. */
  over?: ReactNode;
  children: ReactNode;
}

/** A place whose content is enlarged and moved by wheel, pinch, drag, double press and keys. */
export function Zoomable({ view, onView, label, wheel, className, over, children }: ZoomableProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onView);
  latest.current = onView;
  const box = (): Box => ({ width: place.current?.clientWidth ?? 1, height: place.current?.clientHeight ?? 1 });
  const point = (event: { clientX: number; clientY: number }) => {
    const { left, top, width, height } = place.current?.getBoundingClientRect() ?? new DOMRect();
    return { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a wheel has to be listened to actively, which React does not.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const turned = (event: WheelEvent) => {
      if (!wheel && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015));
      const at = point(event);
      latest.current((now) => zoomed(now, factor, box(), at));
    };
    element.addEventListener("wheel", turned, { passive: false });
    return () => element.removeEventListener("wheel", turned);
  }, [wheel]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; this is a group with a view of its own.
    <div
      ref={place}
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys.
      tabIndex={0}
      className={classes("relative touch-none overflow-hidden select-none", view.scale > 1 && "cursor-grab", className)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
        const next = keyed(view, event.key, box());
        if (!next) return;
        event.preventDefault();
        event.stopPropagation();
        onView(() => next);
      }}
      onDoubleClick={(event) => {
        const at = point(event);
        onView((now) => (now.scale > 1 ? FIT : zoomed(now, 3, box(), at)));
      }}
      onPointerDown={(event) => {
        if (event.button === 0 && view.scale > 1) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const { movementX, movementY } = event;
        onView((now) => panned(now, movementX, movementY, box()));
      }}
    >
      <div
        className="absolute inset-0"
        style={{
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
          imageRendering: view.scale > 4 ? "pixelated" : undefined,
        }}
      >
        {children}
      </div>
      {over}
    </div>
  );
}
