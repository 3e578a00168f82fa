import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { moveFocus } from "./roving";
import { toggleSelected } from "./selection";

const focusedId = (): string | undefined =>
  document.activeElement instanceof HTMLElement ? document.activeElement.dataset.tile : undefined;

/** What keys do with the picture that has the focus; arrows are the grid's own (`onKeyDown`). */
export function useGridKeys(): { onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => void } {
  useShortcut("x", texts.jobs.select, () => {
    const id = focusedId();
    if (id) toggleSelected(id);
  });
  return {
    onKeyDown(event) {
      if (focusedId() && moveFocus(event.key, event.currentTarget)) event.preventDefault();
    },
  };
}
