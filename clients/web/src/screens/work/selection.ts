/** Which pictures are meant, and from which one on a range is drawn. */
export interface Selection {
  ids: ReadonlySet<string>;
  anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

/** One picture more, or less. */
export function toggle(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** All from the one that was chosen last to this one, in the order in which they are shown. */
export function extend(selection: Selection, id: string, order: readonly string[]): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return toggle(selection, id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: selection.anchor };
}

/** All that are shown; nothing if they all were. */
export function allOf(selection: Selection, order: readonly string[]): Selection {
  return order.length > 0 && order.every((id) => selection.ids.has(id))
    ? NOTHING
    : { ids: new Set(order), anchor: null };
}

/** Those that are still there, in the order in which they are shown. */
export function present(selection: Selection, order: readonly string[]): string[] {
  return order.filter((id) => selection.ids.has(id));
}
