import type { FoundImage } from "@openapi";
import { Check } from "lucide-react";
import { memo } from "react";
import { at } from "@/api/root";
import { classes } from "@/parts/classes";
import { StarButton } from "@/pictures/Star";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";

interface TileProps {
  image: FoundImage;
  place: number;
  side: number;
  selected: boolean;
  /** Something is selected, so a press chooses instead of opening. */
  choosing: boolean;
  /** The one that Tab leads to. */
  current: boolean;
}

/** One picture of the grid: a press opens it, its corner chooses it. What a press does is the grid's business. */
export const Tile = memo(function Tile({ image, place, side, selected, choosing, current }: TileProps) {
  const what = texts.pictures.picture(image.prompt);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of links has no rows and columns that can be walked by arrows.
    // biome-ignore lint/a11y/useFocusableInteractive: its link is.
    <div role="gridcell" aria-selected={selected} className="group relative" style={{ width: side, height: side }}>
      {/* No <Link>: each of those listens to where the studio is, and a hundred are mounted while a page scrolls. */}
      <a
        href={at(`app/images/${encodeURIComponent(image.asset_id)}`)}
        data-place={place}
        tabIndex={current ? 0 : -1}
        aria-label={what}
        title={image.prompt.slice(0, 300)}
        className={classes(
          "block size-full overflow-hidden rounded-lg",
          selected && "outline-3 -outline-offset-3 outline-accent",
        )}
      >
        <Thumbnail
          assetId={image.asset_id}
          url={image.url || null}
          alt=""
          side={side}
          className={classes("size-full", selected && "opacity-75")}
        />
      </a>
      <button
        type="button"
        data-choose={place}
        aria-pressed={selected}
        aria-label={texts.work.select(what)}
        tabIndex={-1}
        className={classes(
          "absolute top-1.5 left-1.5 grid size-7 place-items-center rounded-full border text-on-accent",
          selected
            ? "border-accent bg-accent"
            : "border-edge bg-sheet text-transparent opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100",
          choosing && "opacity-100",
        )}
      >
        <Check className="size-4" aria-hidden />
      </button>
      {!image.deleted_at && (
        <span
          className={classes(
            "absolute top-1.5 right-1.5 rounded-full bg-sheet",
            !image.favourite && "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100",
          )}
        >
          <StarButton assetId={image.asset_id} on={image.favourite} className="size-7 rounded-full" />
        </span>
      )}
    </div>
  );
});
