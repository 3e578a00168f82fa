/** Moving between tiles by arrow keys: where each lies on the screen. */
export interface Place {
  x: number;
  y: number;
}

/** The place that an arrow leads to: the next one in order sideways, the nearest one of another row up and down. */
export function nextPlace(key: string, from: number, places: readonly Place[]): number | null {
  if (key === "ArrowLeft") return from > 0 ? from - 1 : null;
  if (key === "ArrowRight") return from < places.length - 1 ? from + 1 : null;
  if (key === "Home") return 0;
  if (key === "End") return places.length - 1;
  const here = places[from];
  if (!here || (key !== "ArrowUp" && key !== "ArrowDown")) return null;
  const sign = key === "ArrowDown" ? 1 : -1;
  let best: number | null = null;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const [at, place] of places.entries()) {
    const away = (place.y - here.y) * sign;
    // Tiles of one row may differ by a few pixels.
    if (away < 8) continue;
    const score = away * 4 + Math.abs(place.x - here.x);
    if (score < bestScore) [best, bestScore] = [at, score];
  }
  return best;
}

/** Moves the focus among the tiles in `container`; says whether the key was one that does. */
export function moveFocus(key: string, container: HTMLElement): boolean {
  const tiles = [...container.querySelectorAll<HTMLElement>("[data-tile]")];
  const from = tiles.indexOf(document.activeElement as HTMLElement);
  if (from < 0) return false;
  const places = tiles.map((tile) => {
    const box = tile.getBoundingClientRect();
    return { x: box.left, y: box.top };
  });
  const to = nextPlace(key, from, places);
  if (to === null) return false;
  tiles[to]?.focus();
  tiles[to]?.scrollIntoView({ block: "nearest" });
  return true;
}
