import type { FoundImage } from "@openapi";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Large } from "@/pictures/Large";
import { Star } from "@/pictures/Star";
import type { View } from "@/pictures/view";
import { Zoomable } from "@/pictures/Zoomable";
import { texts } from "@/texts";

interface StageProps {
  view: View;
  onView: (change: (view: View) => View) => void;
}

const PLACE = "h-[58vh] min-h-72 rounded-2xl bg-well";
const COLUMNS = ["", "", "sm:grid-cols-2", "sm:grid-cols-3", "sm:grid-cols-2 xl:grid-cols-4"];

/** Each in a place of its own; enlarged and moved together. */
export function SideBySide({
  view,
  onView,
  images,
  onRemove,
}: StageProps & { images: readonly FoundImage[]; onRemove: ((id: string) => void) | null }) {
  const said = texts.work.compare;
  return (
    <div className={classes("grid gap-3", COLUMNS[images.length])}>
      {images.map((image, place) => (
        <figure key={image.asset_id} className="min-w-0">
          <Zoomable
            view={view}
            onView={onView}
            wheel
            label={`${said.letters[place]}: ${said.stage}`}
            className={classes(PLACE, images.length > 2 && "h-[44vh]")}
          >
            <Large image={image} />
          </Zoomable>
          <Caption image={image} place={place} onRemove={onRemove && (() => onRemove(image.asset_id))} />
        </figure>
      ))}
    </div>
  );
}

function Caption({ image, place, onRemove }: { image: FoundImage; place: number; onRemove: (() => void) | null }) {
  const said = texts.work.compare;
  return (
    <figcaption className="mt-1.5 flex min-h-8 items-center gap-1.5">
      <Letter place={place} />
      <Link
        to="/app/images/$assetId"
        params={{ assetId: image.asset_id }}
        className="min-w-0 flex-1 truncate text-[13px] text-soft hover:text-ink hover:underline"
        dir="auto"
      >
        {texts.pictures.picture(image.prompt)}
      </Link>
      <Star assetId={image.asset_id} favourite={image.favourite} />
      {onRemove && (
        <Button size="icon" look="quiet" aria-label={said.remove(said.letters[place] ?? "")} onClick={onRemove}>
          <X className="size-4" aria-hidden />
        </Button>
      )}
    </figcaption>
  );
}

interface TwoProps extends StageProps {
  first: FoundImage;
  second: FoundImage;
}

/** Two over each other; the second begins where the slider stands. */
export function Over({
  view,
  onView,
  first,
  second,
  letters,
  split,
}: TwoProps & { letters: readonly [number, number]; split: number }) {
  const moved = { transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` };
  const over = (
    <div className="pointer-events-none absolute inset-0" aria-hidden>
      <div className="absolute inset-0 bg-well" style={{ clipPath: `inset(0 0 0 ${split}%)` }}>
        <div className="absolute inset-0" style={moved}>
          <Large image={second} />
        </div>
      </div>
      <div className="absolute inset-y-0 w-0.5 -translate-x-1/2 bg-accent" style={{ left: `${split}%` }} />
      <span className="absolute top-3 left-3">
        <Letter place={letters[0]} />
      </span>
      <span className="absolute top-3 right-3">
        <Letter place={letters[1]} />
      </span>
    </div>
  );
  return (
    <Zoomable view={view} onView={onView} wheel label={texts.work.compare.stage} className={PLACE} over={over}>
      <Large image={first} />
    </Zoomable>
  );
}

/** Two taken from each other: black where they are the same. */
export function Difference({ view, onView, first, second }: TwoProps) {
  return (
    <Zoomable view={view} onView={onView} wheel label={texts.work.compare.stage} className={classes(PLACE, "bg-black")}>
      <div className="absolute inset-0 isolate bg-black [&_.checkered]:bg-none">
        <Large image={first} />
        <Large image={second} className="mix-blend-difference" />
      </div>
    </Zoomable>
  );
}

export function Letter({ place }: { place: number }) {
  return (
    <span className="grid size-6 shrink-0 place-items-center rounded-full bg-ink text-xs font-semibold text-paper">
      {texts.work.compare.letters[place]}
    </span>
  );
}
