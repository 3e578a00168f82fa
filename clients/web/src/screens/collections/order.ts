/** A picture moved to another place: the order then, and behind which one the studio is to put it ("": before all). */
export interface Move {
  ids: string[];
  after: string;
}

/** Moves `id` to the place `to` of the others; null where it stands there already, or is not there. */
export function moveTo(ids: readonly string[], id: string, to: number): Move | null {
  const from = ids.indexOf(id);
  const place = Math.min(ids.length - 1, Math.max(0, to));
  if (from < 0 || place === from) return null;
  const others = ids.filter((one) => one !== id);
  const after = place === 0 ? "" : (others[place - 1] ?? "");
  return { ids: [...others.slice(0, place), id, ...others.slice(place)], after };
}
