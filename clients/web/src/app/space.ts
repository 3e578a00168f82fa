import { useSyncExternalStore } from "react";

/** The team whose work is made and shown; null: one's own. Every tab has its own, kept for as long as it lives. */
const KEY = "atelier.space";
const listeners = new Set<() => void>();

export const currentSpace = (): string | null => sessionStorage.getItem(KEY);

export function chooseSpace(id: string | null): void {
  if (id === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, id);
  for (const listener of listeners) listener();
}

export function useSpace(): string | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentSpace);
}
