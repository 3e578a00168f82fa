import type { FoundImage } from "@openapi";
import { Link, useNavigate } from "@tanstack/react-router";
import { BookOpen, Download, FolderPlus, Link2, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, buttonLook } from "@/parts/Button";
import { CollectionChooser } from "@/pictures/CollectionChooser";
import { DownloadMenu } from "@/pictures/DownloadMenu";
import { useFavourites } from "@/pictures/favourites";
import { neighboursOf } from "@/pictures/order";
import { RecipeDrawer } from "@/pictures/RecipeDrawer";
import { ShareDialog } from "@/pictures/ShareDialog";
import { Star } from "@/pictures/Star";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { fillForm } from "../create/form";
import { useBulk } from "./bulk";

/** What can be done with a picture. */
export function PictureActions({ image }: { image: FoundImage }) {
  const said = texts.work.picture;
  const { pictures } = texts;
  const navigate = useNavigate();
  const favour = useFavourites();
  const { remove, restore } = useBulk();
  const [open, setOpen] = useState<"collect" | "share" | "recipe" | null>(null);
  const close = () => setOpen(null);
  const id = image.asset_id;
  const drop = () => {
    const { after, before } = neighboursOf(id);
    const next = after ?? before;
    remove([id]);
    if (next) navigate({ to: "/app/images/$assetId", params: { assetId: next }, replace: true });
    else navigate({ to: "/app/work" });
  };
  const use = (request: Record<string, unknown>) => {
    fillForm(request);
    navigate({ to: "/" });
  };
  const gone = Boolean(image.deleted_at);
  useShortcut(".", texts.work.keys.star, () => favour([id], !image.favourite), { off: gone });
  useShortcut("i", texts.work.keys.recipe, () => setOpen("recipe"), { off: image.kind === "uploaded" });
  useShortcut("Delete", texts.work.keys.delete, drop, { off: gone });
  if (gone)
    return (
      <div className="mt-4 grid justify-items-start gap-3">
        <p className="text-soft">{said.deletedNote}</p>
        <Button onClick={() => restore([id])}>
          <RotateCcw className="size-4" aria-hidden />
          {said.restore}
        </Button>
      </div>
    );
  return (
    <div className="mt-4 grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <DownloadMenu
          image={image}
          words={image.prompt}
          trigger={
            <Button look="primary">
              <Download className="size-4" aria-hidden />
              {pictures.download.action}
            </Button>
          }
        />
        <Button onClick={() => setOpen("collect")}>
          <FolderPlus className="size-4" aria-hidden />
          {texts.work.bar.collect}
        </Button>
        <Star assetId={id} favourite={image.favourite} className="size-9" />
        <Button
          look="quiet"
          size="icon"
          className="size-9"
          aria-label={pictures.share.action}
          title={pictures.share.action}
          onClick={() => setOpen("share")}
        >
          <Link2 className="size-4" aria-hidden />
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {image.kind !== "uploaded" && (
          <Button size="small" look="quiet" onClick={() => setOpen("recipe")}>
            <BookOpen className="size-4" aria-hidden />
            {pictures.recipe.action}
          </Button>
        )}
        {image.job_id && (
          <Link
            to="/app/jobs/$jobId"
            params={{ jobId: image.job_id }}
            className={buttonLook({ look: "quiet", size: "small" })}
          >
            {said.job}
          </Link>
        )}
        <Button
          look="quiet"
          size="icon"
          className="ml-auto"
          aria-label={said.delete}
          title={`${said.delete} (Del)`}
          onClick={drop}
        >
          <Trash2 className="size-4" aria-hidden />
        </Button>
      </div>
      <CollectionChooser assetIds={[id]} open={open === "collect"} onClose={close} />
      <ShareDialog what={{ kind: "image", id }} open={open === "share"} onClose={close} />
      <RecipeDrawer assetId={id} open={open === "recipe"} onClose={close} onUse={use} />
    </div>
  );
}
