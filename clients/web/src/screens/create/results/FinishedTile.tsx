import type { ImageBody, JobBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { classes } from "@/parts/classes";
import { keepOrder } from "@/pictures/order";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";
import { idOf, toLookAt } from "./files";
import { toggleSelected, useSelection } from "./selection";
import { TileActions } from "./TileActions";
import { useSeen } from "./useSeen";

/** How wide a tile may be, in CSS pixels: two abreast in a large grid. */
const SIDE = { small: 300, large: 512 };

interface FinishedTileProps {
  job: JobBody;
  image: ImageBody;
  large: boolean;
  /** The one of its grid that Tab leads to. */
  isStop: boolean;
  onFocus: () => void;
  onOrdered: (jobId: string) => void;
}

/** A finished picture: pressed, it is shown large; below it, what can be done with it. */
export function FinishedTile({ job, image, large, isStop, onFocus, onOrdered }: FinishedTileProps) {
  const [ref, isSeen] = useSeen<HTMLDivElement>();
  const id = idOf(job.job_id, image);
  const isSelected = useSelection().includes(id);
  return (
    <div ref={ref} className="group/tile grid gap-1">
      <div className="relative">
        <Link
          to="/app/images/$assetId"
          params={{ assetId: id }}
          onClick={() => keepOrder(job.images.map((one) => idOf(job.job_id, one)))}
          data-tile={id}
          tabIndex={isStop ? 0 : -1}
          onFocus={onFocus}
          aria-label={texts.jobs.picture(job.prompt, image.index + 1, job.images_total)}
          className={classes(
            "block overflow-hidden rounded-lg",
            isSelected && "ring-3 ring-accent ring-offset-2 ring-offset-paper",
          )}
          style={{ aspectRatio: `${image.width} / ${image.height}` }}
        >
          {isSeen && (
            <Thumbnail
              assetId={id}
              url={toLookAt(image)}
              alt=""
              side={large ? SIDE.large : SIDE.small}
              className="size-full"
            />
          )}
        </Link>
        <SelectBox id={id} number={image.index + 1} isSelected={isSelected} />
      </div>
      <TileActions job={job} image={image} isSeen={isSeen} onOrdered={onOrdered} />
      <Scores image={image} />
    </div>
  );
}

function SelectBox({ id, number, isSelected }: { id: string; number: number; isSelected: boolean }) {
  return (
    <label
      className="absolute top-2 left-2 grid size-7 cursor-pointer place-items-center rounded-full border border-line bg-sheet/90 opacity-0 transition-opacity group-focus-within/tile:opacity-100 group-hover/tile:opacity-100 has-checked:border-accent has-checked:bg-accent has-checked:text-on-accent has-checked:opacity-100 has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:opacity-100"
      title={`${texts.jobs.select} (X)`}
    >
      <input
        type="checkbox"
        className="sr-only"
        checked={isSelected}
        onChange={() => toggleSelected(id)}
        aria-label={texts.jobs.selectOf(number)}
      />
      <Check className={classes("size-4", !isSelected && "opacity-40")} aria-hidden />
    </label>
  );
}

/** What was measured of a picture, where that means something to whoever looks at it. */
function Scores({ image }: { image: ImageBody }) {
  const shown = Object.entries(texts.jobs.scores).flatMap(([name, words]) => {
    const score = image.scores?.[name];
    return score === undefined ? [] : [`${Math.round(score * 100)} % ${words}`];
  });
  if (shown.length === 0) return null;
  return <p className="px-0.5 text-xs text-soft tabular-nums">{shown.join(" · ")}</p>;
}
