/** How a picture lies in its place: how much larger than it fits, and how far it was moved from the middle, in pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Box {
  width: number;
  height: number;
}

export const FIT: View = { scale: 1, x: 0, y: 0 };
export const LARGEST = 16;
/** One press of a key or a button. */
export const STEP = 1.35;
const MOVE = 60;

/** Larger or smaller by a factor, with the point at `at` (from the middle) staying where it is. */
export function zoomed(view: View, factor: number, box: Box, at = { x: 0, y: 0 }): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return inside({ scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, box);
}

/** Moved by pixels of the screen, as far as there is anything to see. */
export function panned(view: View, dx: number, dy: number, box: Box): View {
  return inside({ ...view, x: view.x + dx, y: view.y + dy }, box);
}

function inside({ scale, x, y }: View, { width, height }: Box): View {
  const most = { x: ((scale - 1) * width) / 2, y: ((scale - 1) * height) / 2 };
  const within = (value: number, limit: number) => Math.min(limit, Math.max(-limit, value)) + 0;
  return { scale, x: within(x, most.x), y: within(y, most.y) };
}

/** What a key does to a view; null where it does nothing. */
export function keyed(view: View, key: string, box: Box): View | null {
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [MOVE, 0],
    ArrowRight: [-MOVE, 0],
    ArrowUp: [0, MOVE],
    ArrowDown: [0, -MOVE],
  };
  const move = moves[key];
  if (move) return view.scale > 1 ? panned(view, ...move, box) : null;
  if (key === "+" || key === "=") return zoomed(view, STEP, box);
  if (key === "-") return zoomed(view, 1 / STEP, box);
  if (key === "0") return FIT;
  return null;
}
