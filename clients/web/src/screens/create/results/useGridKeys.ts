import { useQueryClient } from "@tanstack/react-query";
import { imageQuery } from "@/api/images";
import { useFavourites } from "@/pictures/favourites";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { moveFocus } from "./roving";
import { toggleSelected } from "./selection";

const focusedId = (): string | undefined =>
  document.activeElement?.closest("li")?.querySelector<HTMLElement>("[data-tile]")?.dataset.tile;

/** What keys do with the picture that has the focus; arrows are the grid's own (`onKeyDown`). */
export function useGridKeys(): { onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => void } {
  const client = useQueryClient();
  const setFavourites = useFavourites();
  useShortcut("x", texts.jobs.select, () => {
    const id = focusedId();
    if (id) toggleSelected(id);
  });
  useShortcut(".", texts.jobs.star, () => {
    const id = focusedId();
    if (id) setFavourites([id], !client.getQueryData(imageQuery(id).queryKey)?.favourite);
  });
  return {
    onKeyDown(event) {
      if (moveFocus(event.key, event.currentTarget)) event.preventDefault();
    },
  };
}
