/** Pictures in the order of the list that was looked at last, so that one leads to the next. */
let order: readonly string[] = [];

export function keepOrder(ids: readonly string[]): void {
  order = ids;
}

/** The pictures before and after one, in the list that it was opened from. */
export function neighboursOf(id: string): { before: string | null; after: string | null; place: number; of: number } {
  const place = order.indexOf(id);
  if (place < 0) return { before: null, after: null, place: 0, of: 0 };
  return { before: order[place - 1] ?? null, after: order[place + 1] ?? null, place: place + 1, of: order.length };
}
