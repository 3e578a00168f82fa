import type { JobBody } from "@openapi";
import { useState } from "react";
import { usePicture } from "@/live/store";
import { classes } from "@/parts/classes";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";

interface PendingTileProps {
  job: JobBody;
  index: number;
  isEnded: boolean;
}

/** The place of a picture that is being drawn: in its shape, with what it looks like so far. */
export function PendingTile({ job, index, isEnded }: PendingTileProps) {
  const { progress, preview } = usePicture(job.job_id, index);
  const [broken, setBroken] = useState<string | null>(null);
  if (isEnded) {
    const said = job.status === "canceled" ? texts.jobs.notDrawn : texts.jobs.pictureFailed;
    return (
      <Place size={job.size} className="border border-dashed border-line">
        <span className="absolute inset-0 grid place-items-center text-[13px] text-soft">{said}</span>
      </Place>
    );
  }
  const step = progress?.step && progress.steps ? texts.jobs.step(progress.step, progress.steps) : null;
  const said = step ?? progress?.label ?? progress?.stage ?? texts.jobs.pictureWaiting;
  const part = progress?.step && progress.steps ? progress.step / progress.steps : progress ? 1 : 0;
  const isShown = preview !== null && preview !== broken;
  return (
    <Place size={job.size}>
      <span aria-hidden className={classes("absolute inset-0 bg-well", !isShown && "shimmer")} />
      {isShown && (
        <img
          src={preview}
          alt=""
          data-preview
          className="absolute inset-0 size-full object-cover"
          onError={() => setBroken(preview)}
        />
      )}
      <div className="absolute inset-x-2 bottom-2 grid gap-1 rounded-md bg-sheet/90 px-2 py-1.5">
        <span className="text-xs text-soft tabular-nums">{said}</span>
        <Progress value={part} label={texts.jobs.progressOf(index + 1)} />
      </div>
    </Place>
  );
}

interface PlaceProps {
  size: string | null | undefined;
  className?: string;
  children?: React.ReactNode;
}

/** A place of the shape that a picture will have, so that nothing moves when it comes. */
export function Place({ size, className, children }: PlaceProps) {
  const [width, height] = (size ?? "1x1").split("x").map(Number);
  return (
    <div
      className={classes("relative overflow-hidden rounded-lg", className)}
      style={{ aspectRatio: `${width || 1} / ${height || 1}` }}
    >
      {children}
    </div>
  );
}
