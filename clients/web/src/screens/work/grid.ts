/** How many tiles stand side by side in a width, and how wide each is. */
export function layoutOf(
  width: number,
  { least = 168, gap = 12 } = {},
): { columns: number; side: number; gap: number } {
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  return { columns, side: Math.max(1, (width - gap * (columns - 1)) / columns), gap };
}

/** Where a key leads from a place in a grid, or null if it leads nowhere. */
export function moved(key: string, from: number, count: number, columns: number, page = 4): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * page,
    PageDown: columns * page,
    Home: -from,
    End: count - 1 - from,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return null;
  const to = from + step;
  if (to >= 0 && to < count) return to;
  // A page that is not whole leads to the edge; a single step over it leads nowhere.
  if (key === "PageUp") return from % columns;
  if (key === "PageDown" || (key === "ArrowDown" && Math.floor(from / columns) < Math.floor((count - 1) / columns)))
    return count - 1;
  return null;
}
