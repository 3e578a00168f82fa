import { useQuery } from "@tanstack/react-query";
import { Star as Icon } from "lucide-react";
import { imageQuery } from "@/api/images";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";
import { useFavourites } from "./favourites";

interface StarProps {
  assetId: string;
  /** Where it is known from a list; otherwise it is asked for. */
  favourite?: boolean;
  className?: string;
}

/** Whether a picture is one of the viewer's favourites; pressing changes it. */
export function Star({ assetId, favourite, className }: StarProps) {
  const read = useQuery({ ...imageQuery(assetId), enabled: favourite === undefined });
  return <StarButton assetId={assetId} on={favourite ?? read.data?.favourite ?? false} className={className} />;
}

interface StarButtonProps {
  assetId: string;
  on: boolean;
  className?: string | undefined;
}

/** The same where it is known: it asks for nothing, for a hundred are in a grid. */
export function StarButton({ assetId, on, className }: StarButtonProps) {
  const set = useFavourites();
  return (
    <Button
      look="quiet"
      size="icon"
      aria-label={texts.pictures.star}
      aria-pressed={on}
      title={`${texts.pictures.star} (.)`}
      className={classes(on && "text-accent", className)}
      onClick={(event) => {
        event.stopPropagation();
        set([assetId], !on);
      }}
    >
      <Icon className="size-4" fill={on ? "currentColor" : "none"} aria-hidden />
    </Button>
  );
}
