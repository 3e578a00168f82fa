import type { FoundImage } from "@openapi";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { texts } from "@/texts";
import { layoutOf, moved } from "./grid";
import type { Selection } from "./selection";
import { Tile } from "./Tile";

interface GalleryProps {
  images: readonly FoundImage[];
  selection: Selection;
  onChoose: (place: number, range: boolean) => void;
  current: number;
  onCurrent: (place: number) => void;
  /** The end is near: read on. */
  onEnd: () => void;
}

/** Rows beyond the window that are kept ready, and from how many rows before the end on more is read. */
const SPARE = 4;
const EARLY = 12;
/** The width that a gallery had last: coming back, the page is as long as it was before anything is measured. */
let lastWidth = 1000;

/** Pictures in a grid that holds only those rows which are seen, so that ten thousand scroll as ten do. */
export function Gallery({ images, selection, onChoose, current, onCurrent, onEnd }: GalleryProps) {
  const box = useRef<HTMLDivElement>(null);
  const [{ width, top }, setPlace] = useState({ width: lastWidth, top: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      lastWidth = element.clientWidth;
      setPlace({ width: element.clientWidth, top: element.getBoundingClientRect().top + window.scrollY });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const { columns, side, gap } = layoutOf(width, width < 640 ? { least: 108, gap: 6 } : {});
  const rows = Math.ceil(images.length / columns);
  const height = side + gap;
  const virtual = useWindowVirtualizer({
    count: rows,
    estimateSize: () => height,
    overscan: SPARE,
    scrollMargin: top,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row is as high as the width makes it.
  useLayoutEffect(() => virtual.measure(), [height]);

  const seen = virtual.getVirtualItems();
  const last = seen[seen.length - 1]?.index ?? 0;
  useEffect(() => {
    if (images.length > 0 && last >= rows - EARLY) onEnd();
  }, [last, rows, images.length, onEnd]);

  const focus = useFocus(box);
  const go = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.place === undefined) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = moved(event.key, current, images.length, columns);
    if (to === null) return;
    event.preventDefault();
    onCurrent(to);
    virtual.scrollToIndex(Math.floor(to / columns), { align: "auto" });
    focus(to);
  };

  const foremost = (seen[0]?.index ?? 0) * columns;
  const reachable = current >= foremost && current < (last + 1) * columns ? current : foremost;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of links has no rows and columns that can be walked by arrows.
    <div
      ref={box}
      role="grid"
      aria-label={texts.work.grid}
      aria-rowcount={rows}
      aria-colcount={columns}
      aria-multiselectable
      tabIndex={-1}
      onKeyDown={go}
    >
      <div role="presentation" className="relative" style={{ height: Math.max(0, virtual.getTotalSize() - gap) }}>
        {seen.map((row) => (
          // biome-ignore lint/a11y/useSemanticElements: a table of links has no rows and columns that can be walked by arrows.
          // biome-ignore lint/a11y/useFocusableInteractive: its links are.
          <div
            key={row.key}
            role="row"
            aria-rowindex={row.index + 1}
            className="absolute top-0 left-0 flex"
            style={{ transform: `translateY(${row.start - top}px)`, gap }}
          >
            {images.slice(row.index * columns, (row.index + 1) * columns).map((image, column) => {
              const place = row.index * columns + column;
              return (
                <Tile
                  key={image.asset_id}
                  image={image}
                  place={place}
                  side={side}
                  selected={selection.ids.has(image.asset_id)}
                  choosing={selection.ids.size > 0}
                  current={place === reachable}
                  onChoose={onChoose}
                  onFocus={onCurrent}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Focuses a place as soon as its row is there, which may be some frames after it was scrolled to. */
function useFocus(box: React.RefObject<HTMLDivElement | null>) {
  return useCallback(
    (place: number, tries = 20) => {
      const attempt = (left: number) => {
        const tile = box.current?.querySelector<HTMLElement>(`[data-place="${place}"]`);
        if (tile) tile.focus({ preventScroll: true });
        else if (left > 0) requestAnimationFrame(() => attempt(left - 1));
      };
      attempt(tries);
    },
    [box],
  );
}
