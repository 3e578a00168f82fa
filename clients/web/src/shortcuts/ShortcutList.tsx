import { useState } from "react";
import { Dialog } from "@/parts/Dialog";
import { texts } from "@/texts";
import { useShortcut, useShortcutList } from "./shortcuts";

/** `?` lists what keys do here. */
export function ShortcutList() {
  const [open, setOpen] = useState(false);
  const shortcuts = useShortcutList();
  useShortcut("?", texts.shell.shortcuts, () => setOpen(true));
  return (
    <Dialog open={open} onClose={() => setOpen(false)} title={texts.shell.shortcuts}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-5 gap-y-2.5">
        {shortcuts.map((one) => (
          <div key={one.keys + one.label} className="contents">
            <dt className="flex gap-1">
              {one.keys.split(/[+ ]/).map((key) => (
                <Key key={key}>
                  {key === "mod"
                    ? isMac()
                      ? "⌘"
                      : "Ctrl"
                    : key === "Enter"
                      ? "⏎"
                      : key.length === 1
                        ? key.toUpperCase()
                        : key}
                </Key>
              ))}
            </dt>
            <dd>{one.label}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.platform);

/** One key, as it is written on keyboards. */
export function Key({ children }: { children: string }) {
  return <kbd className="rounded border border-line bg-well px-1.5 py-px font-sans text-xs text-soft">{children}</kbd>;
}
