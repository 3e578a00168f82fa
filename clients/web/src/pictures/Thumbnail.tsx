import { ImageOff } from "lucide-react";
import { memo, type SyntheticEvent, useState } from "react";
import { SIDES, thumbnailUrl } from "@/api/images";
import { classes } from "@/parts/classes";
import { useSource } from "@/parts/source";

interface ThumbnailProps {
  assetId: string;
  /** The whole file, for where the studio has no small one. */
  url: string | null;
  alt: string;
  /** Of its place in the page, in CSS pixels; what is fetched is sharp on this screen. */
  side: number;
  /** It fills its place and is cut off at the edges. */
  cover?: boolean;
  className?: string;
}

/** The smallest picture that is sharp in a place of this side, on a screen of this density. */
export function sideFor(side: number, density: number): (typeof SIDES)[number] {
  const wanted = side * Math.min(density, 2);
  return SIDES.find((one) => one >= wanted * 0.9) ?? SIDES[SIDES.length - 1] ?? 1024;
}

/** Said on the element itself: a hundred pictures that come while a page scrolls are no hundred renderings. */
function markReady(event: SyntheticEvent<HTMLImageElement>): void {
  event.currentTarget.dataset.ready = "";
}

/** A picture made small by the studio. Its parent gives it a place; transparent ones lie on a checkerboard. */
export const Thumbnail = memo(function Thumbnail({ assetId, url, alt, side, cover, className }: ThumbnailProps) {
  const [failures, setFailures] = useState(0);
  const small = thumbnailUrl(assetId, sideFor(side, globalThis.devicePixelRatio ?? 1));
  const source = useSource(failures === 0 ? small : url || null);
  const lost = failures > 1 || (failures === 1 && (!url || source.failed));
  if (source.failed && failures === 0) setFailures(1);
  return (
    <span className={classes("relative block overflow-hidden bg-well", className)}>
      {source.url && !lost && (
        <img
          src={source.url}
          alt={alt}
          decoding="async"
          draggable={false}
          className={classes(
            "absolute inset-0 size-full data-ready:checkered",
            cover ? "object-cover" : "object-contain",
          )}
          onLoad={markReady}
          onError={() => setFailures(failures + 1)}
        />
      )}
      {lost && (
        <span className="absolute inset-0 grid place-items-center text-soft" role="img" aria-label={alt}>
          <ImageOff className="size-5" aria-hidden />
        </span>
      )}
    </span>
  );
});
