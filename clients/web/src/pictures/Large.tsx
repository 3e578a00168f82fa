import type { FoundImage } from "@openapi";
import { thumbnailUrl } from "@/api/images";
import { classes } from "@/parts/classes";
import { useSource } from "@/parts/source";
import { texts } from "@/texts";
import { viewable } from "./files";

/** A picture as large as its place; a small one shows until the whole one has come. */
export function Large({ image, className }: { image: FoundImage; className?: string }) {
  const small = useSource(thumbnailUrl(image.asset_id, 512));
  const whole = useSource(viewable(image.files)?.url ?? (image.url || null));
  const ratio = image.width / image.height;
  return (
    <span className={classes("absolute inset-0 grid place-items-center", className)} style={{ containerType: "size" }}>
      <span
        className="checkered relative block"
        style={{ aspectRatio: ratio, width: `min(100cqw, calc(100cqh * ${ratio}))` }}
      >
        {small.url && (
          <img src={small.url} alt="" className="absolute inset-0 size-full object-contain" draggable={false} />
        )}
        {whole.url && (
          <img
            src={whole.url}
            alt={texts.pictures.picture(image.prompt)}
            className="absolute inset-0 size-full object-contain"
            decoding="async"
            draggable={false}
          />
        )}
      </span>
    </span>
  );
}
