import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import { Button } from "./Button";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  undo?: () => void;
}

const SHOWN_MS = 8_000;
let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(now: readonly Toast[]): void {
  toasts = now;
  for (const listener of listeners) listener();
}

/** Say what has happened; with `undo` it can be taken back for as long as it is shown. */
export function toast(text: string, { undo, tone = "plain" }: { undo?: () => void; tone?: Toast["tone"] } = {}): void {
  const id = next++;
  set([...toasts.slice(-2), { id, text, tone, ...(undo ? { undo } : {}) }]);
  announce(text);
  setTimeout(() => close(id), undo ? SHOWN_MS * 2 : SHOWN_MS);
}

const close = (id: number) => set(toasts.filter((one) => one.id !== id));

/** Where they are shown; once, in the frame. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section
      aria-label={texts.common.messages}
      className="pointer-events-none fixed inset-x-3 bottom-18 z-50 grid justify-items-center gap-2 md:bottom-4"
    >
      {shown.map((one) => (
        <div
          key={one.id}
          className="pointer-events-auto flex max-w-lg items-center gap-3 rounded-xl border border-line bg-ink py-1.5 pr-1.5 pl-4 text-sm text-paper shadow-sheet"
        >
          <span>{one.text}</span>
          {one.undo && (
            <button
              type="button"
              className="min-h-8 rounded-lg px-2 font-semibold underline underline-offset-2"
              onClick={() => {
                one.undo?.();
                close(one.id);
              }}
            >
              {texts.common.undo}
            </button>
          )}
          <Button
            look="quiet"
            size="icon"
            className="text-paper not-disabled:hover:bg-white/15 not-disabled:hover:text-paper"
            aria-label={texts.common.close}
            onClick={() => close(one.id)}
          >
            <X className="size-4" aria-hidden />
          </Button>
        </div>
      ))}
    </section>
  );
}
