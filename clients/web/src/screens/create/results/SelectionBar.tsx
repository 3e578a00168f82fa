import { useNavigate } from "@tanstack/react-router";
import { Columns2, FolderPlus, X } from "lucide-react";
import { useState } from "react";
import { announce } from "@/live/announcements";
import { Button } from "@/parts/Button";
import { CollectionChooser } from "@/pictures/CollectionChooser";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { clearSelection, useSelection } from "./selection";

/** What can be done with the pictures that are selected; not there while none are. */
export function SelectionBar() {
  const selected = useSelection();
  const navigate = useNavigate();
  const [isCollecting, setIsCollecting] = useState(false);
  const compare = () => {
    if (selected.length < 2) return announce(texts.jobs.compareFew);
    navigate({ to: "/app/compare", search: { ids: [...selected] } });
  };
  useShortcut("c", texts.jobs.compare, compare, { off: selected.length === 0 });
  useShortcut("Escape", texts.jobs.clearSelection, clearSelection, { off: selected.length === 0 });
  if (selected.length === 0) return null;
  return (
    <section
      aria-label={texts.jobs.selected(selected.length)}
      className="sticky bottom-4 z-20 mx-auto mt-6 flex w-fit items-center gap-1.5 rounded-xl border border-line bg-sheet p-1.5 pl-4 shadow-sheet max-md:bottom-18"
    >
      <span className="mr-2 text-[13px] font-medium tabular-nums whitespace-nowrap">
        {texts.jobs.selected(selected.length)}
      </span>
      <Button size="small" look="primary" onClick={compare} disabled={selected.length < 2}>
        <Columns2 className="size-3.5" aria-hidden />
        {texts.jobs.compare}
      </Button>
      <Button size="small" aria-label={texts.jobs.collect} onClick={() => setIsCollecting(true)}>
        <FolderPlus className="size-3.5" aria-hidden />
        <span className="max-sm:hidden">{texts.jobs.collect}</span>
      </Button>
      <Button size="icon" look="quiet" aria-label={texts.jobs.clearSelection} onClick={clearSelection}>
        <X className="size-4" aria-hidden />
      </Button>
      <CollectionChooser assetIds={selected} open={isCollecting} onClose={() => setIsCollecting(false)} />
    </section>
  );
}
