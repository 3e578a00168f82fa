import { ImageOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { classes } from "./classes";
import { useSource } from "./source";

interface PictureProps {
  /** Of the studio, absolute or relative; null while there is none yet. */
  url: string | null;
  /** What it shows; empty where words beside it say so. */
  alt: string;
  /** In pixels, so that its place is kept before it comes. */
  width: number;
  height: number;
  className?: string;
  /** The picture fills its place and is cut off at the edges. */
  cover?: boolean;
  eager?: boolean;
  children?: ReactNode;
}

/** A picture of the studio in a place of its own shape; transparent ones lie on a checkerboard. */
export function Picture({ url, alt, width, height, className, cover, eager, children }: PictureProps) {
  const source = useSource(url);
  const [broken, setBroken] = useState<string | null>(null);
  const missing = source.failed || (source.url !== null && broken === source.url);
  return (
    <div
      className={classes("checkered relative overflow-hidden rounded-lg bg-well", className)}
      style={{ aspectRatio: `${width} / ${height}` }}
    >
      {source.url && !missing && (
        <img
          src={source.url}
          alt={alt}
          width={width}
          height={height}
          loading={eager ? "eager" : "lazy"}
          decoding="async"
          draggable={false}
          className={classes("absolute inset-0 size-full", cover ? "object-cover" : "object-contain")}
          onError={() => setBroken(source.url)}
        />
      )}
      {missing && (
        <span className="absolute inset-0 grid place-items-center text-soft" role="img" aria-label={alt}>
          <ImageOff className="size-6" aria-hidden />
        </span>
      )}
      {children}
    </div>
  );
}
