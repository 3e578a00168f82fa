import type { JobBody } from "@openapi";
import { useState } from "react";
import { isEnded } from "@/live/happening";
import { texts } from "@/texts";
import { FinishedTile } from "./FinishedTile";
import { gridOf } from "./grid";
import { PendingTile } from "./PendingTile";

interface PictureGridProps {
  job: JobBody;
  /** Shown larger, as what is looked at now. */
  large?: boolean;
  onOrdered: (jobId: string) => void;
}

/** The pictures of a job, four abreast where there is room; each place is kept from the start. */
export function PictureGrid({ job, large, onOrdered }: PictureGridProps) {
  const [stop, setStop] = useState(0);
  const over = isEnded(job.status);
  if (over && job.images.length === 0) return null;
  const first = job.images.some((image) => image.index === stop) ? stop : (job.images[0]?.index ?? 0);
  return (
    <ul aria-label={texts.jobs.of(job.prompt)} className={gridOf(job.images_total, large)}>
      {Array.from({ length: job.images_total }, (_, index) => {
        const image = job.images.find((one) => one.index === index);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a picture's place in its job is its name
          <li key={index} className="min-w-0">
            {image ? (
              <FinishedTile
                job={job}
                image={image}
                large={large ?? false}
                isStop={index === first}
                onFocus={() => setStop(index)}
                onOrdered={onOrdered}
              />
            ) : (
              <PendingTile job={job} index={index} isEnded={over} />
            )}
          </li>
        );
      })}
    </ul>
  );
}
