import type { FoundImage } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { Download, FolderPlus, GitCompareArrows, GraduationCap, RotateCcw, Star, Tag, Trash2, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/parts/Button";
import { CollectionChooser } from "@/pictures/CollectionChooser";
import { useFavourites } from "@/pictures/favourites";
import { ZipDialog } from "@/pictures/ZipDialog";
import { useHasRole } from "@/session/me";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { useBulk } from "./bulk";
import { TagDialog } from "./TagDialog";

interface SelectionBarProps {
  images: readonly FoundImage[];
  deleted: boolean;
  onAll: () => void;
  onClear: () => void;
}

export const MOST_COMPARED = 4;

/** What can be done with the pictures that are selected, at the foot of the window. */
export function SelectionBar({ images, deleted, onAll, onClear }: SelectionBarProps) {
  const said = texts.work.bar;
  const navigate = useNavigate();
  const favour = useFavourites();
  const { remove, restore } = useBulk();
  const [dialog, setDialog] = useState<"tags" | "collect" | "zip" | null>(null);
  const ids = images.map((one) => one.asset_id);
  const starred = images.every((one) => one.favourite);
  const comparable = images.length >= 2 && images.length <= MOST_COMPARED;
  const compare = () => navigate({ to: "/app/compare", search: { ids } });
  const mayTrain = useHasRole("designer", "brand_engineer");
  const learn = () => navigate({ to: "/app/training/datasets/new", state: { pictures: ids } });
  const drop = () => {
    remove(ids);
    onClear();
  };
  useShortcut("c", texts.work.keys.compare, compare, { off: !comparable || deleted });
  useShortcut("Delete", texts.work.keys.delete, drop, { off: deleted });
  useShortcut("Escape", texts.work.keys.clear, onClear, { off: dialog !== null });
  const act = (icon: ReactNode, label: string, run: () => void, off = false, title?: string) => (
    <Button size="small" look="quiet" onClick={run} disabled={off} title={title} className="text-ink">
      {icon}
      <span className="max-md:sr-only">{label}</span>
    </Button>
  );
  return (
    <section
      aria-label={said.label}
      className="sticky bottom-18 z-20 mt-4 flex flex-wrap items-center gap-x-1 gap-y-2 rounded-xl border border-line bg-sheet px-3 py-2 shadow-sheet md:bottom-4"
    >
      <Button size="icon" look="quiet" aria-label={said.clear} title={`${said.clear} (Esc)`} onClick={onClear}>
        <X className="size-4" aria-hidden />
      </Button>
      <strong className="mr-1 font-semibold tabular-nums" role="status">
        {said.count(images.length)}
      </strong>
      <Button size="small" look="quiet" onClick={onAll}>
        {said.all}
      </Button>
      <div className="ml-auto flex flex-wrap items-center gap-0.5">
        {deleted ? (
          act(<RotateCcw className="size-4" aria-hidden />, said.restore, () => {
            restore(ids);
            onClear();
          })
        ) : (
          <>
            {act(<Star className="size-4" aria-hidden />, starred ? said.unstar : said.star, () =>
              favour(ids, !starred),
            )}
            {act(<Tag className="size-4" aria-hidden />, said.tag, () => setDialog("tags"))}
            {act(<FolderPlus className="size-4" aria-hidden />, said.collect, () => setDialog("collect"))}
            {act(
              <GitCompareArrows className="size-4" aria-hidden />,
              said.compare,
              compare,
              !comparable,
              said.compareHint,
            )}
            {mayTrain && act(<GraduationCap className="size-4" aria-hidden />, said.dataset, learn)}
            {act(<Download className="size-4" aria-hidden />, said.zip, () => setDialog("zip"))}
            {act(<Trash2 className="size-4" aria-hidden />, said.delete, drop)}
          </>
        )}
      </div>
      {dialog === "zip" && <ZipDialog images={images} name="pictures" onClose={() => setDialog(null)} />}
      {dialog === "tags" && <TagDialog images={images} onClose={() => setDialog(null)} />}
      <CollectionChooser assetIds={ids} open={dialog === "collect"} onClose={() => setDialog(null)} />
    </section>
  );
}
