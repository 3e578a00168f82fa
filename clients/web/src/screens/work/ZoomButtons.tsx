import { Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { Button } from "@/parts/Button";
import { FIT, LARGEST, STEP, type View, zoomed } from "@/pictures/view";
import { texts } from "@/texts";

interface ZoomButtonsProps {
  view: View;
  onView: (change: (view: View) => View) => void;
}

/** The middle of the picture larger, smaller, or all of it. */
const ANYWHERE = { width: 10_000, height: 10_000 };

/** What wheel, pinch and keys do, as buttons. */
export function ZoomButtons({ view, onView }: ZoomButtonsProps) {
  const said = texts.work.picture;
  return (
    <div className="absolute right-3 bottom-3 flex items-center rounded-lg border border-line bg-sheet p-0.5 shadow-sheet">
      <Button
        size="icon"
        look="quiet"
        aria-label={said.zoomOut}
        disabled={view.scale <= 1}
        onClick={() => onView((now) => zoomed(now, 1 / STEP, ANYWHERE))}
      >
        <ZoomOut className="size-4" aria-hidden />
      </Button>
      <output className="w-12 text-center text-xs text-soft tabular-nums">
        {said.zoom(Math.round(view.scale * 100))}
      </output>
      <Button
        size="icon"
        look="quiet"
        aria-label={said.zoomIn}
        disabled={view.scale >= LARGEST}
        onClick={() => onView((now) => zoomed(now, STEP, ANYWHERE))}
      >
        <ZoomIn className="size-4" aria-hidden />
      </Button>
      <Button
        size="icon"
        look="quiet"
        aria-label={said.fit}
        title={`${said.fit} (0)`}
        onClick={() => onView(() => FIT)}
      >
        <Maximize className="size-4" aria-hidden />
      </Button>
    </div>
  );
}
