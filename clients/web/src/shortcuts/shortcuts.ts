import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";

/** Keys of the page: what is in force now, so that `?` can list it. */
export interface Shortcut {
  /** As in "mod+Enter", "g w", "Shift+x"; `mod` is Ctrl, or Command on a Mac. Letters mean the letter, not the key. */
  keys: string;
  label: string;
  /** Also while somebody writes: only for combinations that write nothing. */
  whileTyping?: boolean;
}

interface Active extends Shortcut {
  run: () => void;
  layer: number;
}

/** How many dialogs lie over the page where a component is: only keys of the uppermost count. */
export const LayerContext = createContext(0);
const layers = new Set<symbol>();

/** While the component is shown, it lies over the page and over what lay there before. */
export function useLayer(): number {
  const layer = useContext(LayerContext) + 1;
  useEffect(() => {
    const mine = Symbol();
    layers.add(mine);
    return () => {
      layers.delete(mine);
    };
  }, []);
  return layer;
}

const active = new Set<Active>();
const listeners = new Set<() => void>();
let list: readonly Shortcut[] = [];

function changed(): void {
  list = [...active];
  for (const listener of listeners) listener();
}

/** While the component is shown, `keys` do `run`. */
export function useShortcut(
  keys: string,
  label: string,
  run: () => void,
  { whileTyping = false, off = false } = {},
): void {
  const layer = useContext(LayerContext);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (off) return;
    const entry: Active = { keys, label, whileTyping, layer, run: () => latest.current() };
    active.add(entry);
    changed();
    return () => {
      active.delete(entry);
      changed();
    };
  }, [keys, label, whileTyping, off, layer]);
}

/** What keys do now, for the page that lists them. */
export function useShortcutList(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => list,
  );
}

const SEQUENCE_MS = 1000;
let before: { key: string; at: number } | null = null;

/** Does what a key says; the newest component wins. Nothing happens below an open dialog of somebody else. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const typing = isTyping(event.target);
  const pressed = nameOf(event);
  const sequence = before && event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${pressed}` : null;
  for (const entry of [...active].reverse()) {
    if (entry.layer < layers.size || (typing && !entry.whileTyping)) continue;
    if (entry.keys !== pressed && entry.keys !== sequence) continue;
    event.preventDefault();
    before = null;
    entry.run();
    return;
  }
  before = typing ? null : { key: pressed, at: event.timeStamp };
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const alt = event.altKey ? "Alt+" : "";
  const named = event.key.length > 1;
  const shift = event.shiftKey && (named || mod || alt || /[a-z]/i.test(event.key)) ? "Shift+" : "";
  return mod + alt + shift + (named ? event.key : event.key.toLowerCase());
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "range", "file"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
