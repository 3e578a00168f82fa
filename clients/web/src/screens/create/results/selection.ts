import { useSyncExternalStore } from "react";

/** Pictures that were selected on the screen, to be compared. As many as can be told apart side by side. */
export const MOST_COMPARED = 4;

const listeners = new Set<() => void>();
let selected: readonly string[] = [];

export function useSelection(): readonly string[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => selected,
  );
}

/** Selected pictures with one more, or one fewer; the first one leaves where there are too many. */
export const toggled = (before: readonly string[], id: string): string[] =>
  before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-MOST_COMPARED);

export const toggleSelected = (id: string): void => set(toggled(selected, id));
export const clearSelection = (): void => set([]);

function set(now: readonly string[]): void {
  selected = now;
  for (const listener of listeners) listener();
}
