import { lazy, Suspense, useState } from "react";
import type { DialogProps } from "./DialogSheet";

const load = () => import("./DialogSheet");
const DialogSheet = lazy(async () => ({ default: (await load()).DialogSheet }));

/** Something over the page, which waits until it is closed: Escape, the cross, or a press beside it. No page begins with
 * one, so what shows it is loaded once the page is there. */
export function Dialog(props: DialogProps) {
  const [opened, setOpened] = useState(props.open);
  if (props.open && !opened) setOpened(true);
  if (!opened) return null;
  return (
    <Suspense>
      <DialogSheet {...props} />
    </Suspense>
  );
}

/** Have dialogs at hand, so that the first one opens at once, and without a network. */
export const loadDialogs = async (): Promise<void> => void (await load());
