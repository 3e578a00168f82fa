import type { FoundImage } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { texts } from "@/texts";
import { useFlinging } from "./flinging";
import { layoutOf, moved } from "./grid";
import { Row } from "./Row";
import type { Selection } from "./selection";

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
  const { width, top } = usePlaceOf(box);
  const navigate = useNavigate();
  const { columns, side, gap } = layoutOf(width, width < 640 ? { least: 108, gap: 6 } : {});
  const rows = Math.ceil(images.length / columns);
  const height = side + gap;
  const virtual = useWindowVirtualizer({
    count: rows,
    estimateSize: () => height,
    overscan: SPARE,
    scrollMargin: top,
    // The rows that are kept ready are what a frame has time for.
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row is as high as the width makes it.
  useLayoutEffect(() => virtual.measure(), [height]);

  const seen = virtual.getVirtualItems();
  const last = seen[seen.length - 1]?.index ?? 0;
  useEffect(() => {
    if (images.length > 0 && last >= rows - EARLY) onEnd();
  }, [last, rows, images.length, onEnd]);

  const passing = useFlinging();
  const focus = useFocus(box);
  const go = (event: KeyboardEvent) => {
    if (placeOf(event.target) === null) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = moved(event.key, current, images.length, columns);
    if (to === null) return;
    event.preventDefault();
    onCurrent(to);
    virtual.scrollToIndex(Math.floor(to / columns), { align: "auto" });
    focus(to);
  };
  const press = (event: MouseEvent) => {
    const chosen = numberOf(event.target, "choose");
    const place = chosen ?? placeOf(event.target);
    const image = place === null ? undefined : images[place];
    if (place === null || !image) return;
    event.preventDefault();
    const several = event.shiftKey || event.ctrlKey || event.metaKey || selection.ids.size > 0;
    if (chosen !== null || several) onChoose(place, event.shiftKey);
    else navigate({ to: "/app/images/$assetId", params: { assetId: image.asset_id } });
  };

  // Where the current tile is far away, Tab leads to the grid, which leads on to what is seen.
  const reachable = current >= (seen[0]?.index ?? 0) * columns && current < (last + 1) * columns;
  const foremost = (seen[Math.min(SPARE, seen.length - 1)]?.index ?? 0) * columns;
  const enter = (event: FocusEvent) => {
    const place = placeOf(event.target);
    if (place !== null) onCurrent(place);
    else if (event.target === box.current) focus(foremost);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of links has no rows and columns that can be walked by arrows.
    <div
      ref={box}
      role="grid"
      aria-label={texts.work.grid}
      aria-rowcount={rows}
      aria-colcount={columns}
      aria-multiselectable
      tabIndex={reachable ? -1 : 0}
      onKeyDown={go}
      onClick={press}
      onFocus={enter}
    >
      <div role="presentation" className="relative" style={{ height: Math.max(0, virtual.getTotalSize() - gap) }}>
        {seen.map((row) => (
          <Row
            key={row.key}
            images={images}
            index={row.index}
            columns={columns}
            side={side}
            gap={gap}
            start={row.start - top}
            selected={selection.ids}
            current={Math.floor(current / columns) === row.index ? current : null}
            passing={passing}
          />
        ))}
      </div>
    </div>
  );
}

/** The number that an element, or what it lies in, has under a name of its data. */
function numberOf(target: EventTarget, name: "place" | "choose"): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>(`[data-${name}]`) : null;
  return element ? Number(element.dataset[name]) : null;
}

const placeOf = (target: EventTarget) => numberOf(target, "place");

/** How wide an element is, and how far from the top of the page. */
function usePlaceOf(box: React.RefObject<HTMLDivElement | null>): { width: number; top: number } {
  const [place, setPlace] = useState({ width: lastWidth, top: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const now = { width: element.clientWidth, top: element.getBoundingClientRect().top + window.scrollY };
      lastWidth = now.width;
      setPlace((before) => (before.width === now.width && before.top === now.top ? before : now));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [box]);
  return place;
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
