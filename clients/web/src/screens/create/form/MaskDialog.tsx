import { useId, useRef, useState } from "react";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { texts } from "@/texts";
import { maskOf, shareOf, sheetSize } from "./mask";
import { type Painting, SIZES, usePainting } from "./usePainting";

interface MaskDialogProps {
  /** The picture that is painted on, as an `<img>` finds it. */
  picture: string;
  /** What was painted before: white is painted. */
  mask: string | null;
  /** Width by height of what is drawn: the rest of the picture is cut off. */
  aspect: number;
  onClose: () => void;
  /** The mask, or null where nothing is painted. */
  onPainted: (mask: Blob | null) => void;
}

interface Shape {
  width: number;
  height: number;
}

const own = texts.create.mask;
/** Less than a dot is nothing that a person painted. */
const NOTHING = 0.0002;
/** How high the sheet may be, in hundredths of the window. */
const HIGHEST = 62;

/** A brush with a ring, on a sheet over the picture; with keys as with a hand. */
export function MaskDialog({ picture, mask, aspect, onClose, onPainted }: MaskDialogProps) {
  const keys = useId();
  const sheet = useRef<HTMLCanvasElement>(null);
  const [shape, setShape] = useState<Shape | null>(null);
  const painting = usePainting(sheet, shape !== null, mask);
  const close = async () => {
    if (painting.isChanged && sheet.current) {
      onPainted(shareOf(sheet.current) > NOTHING ? await maskOf(sheet.current) : null);
    }
    onClose();
  };
  const done = (
    <Button look="primary" onClick={close}>
      {own.done}
    </Button>
  );
  return (
    <Dialog open onClose={close} title={own.title} shape="wide" foot={done}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the dialog, whatever in it has the focus */}
      <div className="grid gap-3" onKeyDown={painting.shortcut}>
        {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: an application is worked with keys */}
        <div
          className="relative mx-auto touch-none overflow-hidden rounded-lg bg-well"
          style={shape ? sizeOf(shape) : undefined}
          role="application"
          tabIndex={0}
          aria-label={own.sheet}
          aria-describedby={keys}
          onKeyDown={painting.steer}
          onFocus={painting.show}
        >
          {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: an application is worked with keys */}
          <img
            src={picture}
            alt=""
            draggable={false}
            className="absolute inset-0 size-full select-none"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              const now = sheetSize(naturalWidth, naturalHeight);
              painting.startAt([now.width / 2, now.height / 2]);
              setShape(now);
            }}
          />
          {shape && (
            <>
              <canvas
                ref={sheet}
                width={shape.width}
                height={shape.height}
                data-sheet
                className="absolute inset-0 size-full cursor-none opacity-65"
                {...painting.hand}
              />
              <Kept shape={shape.width / shape.height} aspect={aspect} />
              <Ring painting={painting} shape={shape} />
            </>
          )}
        </div>
        <Tools painting={painting} />
        <p id={keys} className="text-center text-xs text-soft">
          {own.keys}
        </p>
      </div>
    </Dialog>
  );
}

/** As wide as there is room, and not higher than is seen at once. */
const sizeOf = ({ width, height }: Shape) => ({
  aspectRatio: `${width} / ${height}`,
  width: `min(100%, ${(HIGHEST * width) / height}vh)`,
});

/** Where the brush is, and how large. */
function Ring({ painting: { ring, size }, shape }: { painting: Painting; shape: Shape }) {
  if (!ring) return null;
  return (
    <span
      aria-hidden
      className="pointer-events-none absolute aspect-square -translate-1/2 rounded-full border-2 border-white shadow-[0_0_0_1px_#000]"
      style={{
        left: `${(ring[0] / shape.width) * 100}%`,
        top: `${(ring[1] / shape.height) * 100}%`,
        width: `${(size * Math.max(shape.width, shape.height)) / shape.width}%`,
      }}
    />
  );
}

/** Dims what is cut off of the picture, at its sides or at top and bottom. */
function Kept({ shape, aspect }: { shape: number; aspect: number }) {
  const isWide = shape > aspect;
  const share = isWide ? aspect / shape : shape / aspect;
  if (share > 0.98) return null;
  const edge = `${((1 - share) / 2) * 100}%`;
  const inset = isWide
    ? { left: edge, right: edge, top: 0, bottom: 0 }
    : { top: edge, bottom: edge, left: 0, right: 0 };
  return <span aria-hidden className="pointer-events-none absolute shadow-[0_0_0_100vmax_#0008]" style={inset} />;
}

function Tools({ painting }: { painting: Painting }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-2">
      <label className="flex items-center gap-2 text-[13px]">
        {own.brush}
        <input
          type="range"
          className="h-6 w-32 accent-(--accent)"
          aria-label={own.size}
          min={SIZES.least}
          max={SIZES.most}
          value={painting.size}
          onChange={(event) => painting.setSize(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Button
        size="small"
        aria-pressed={painting.isErasing}
        className="aria-pressed:border-accent aria-pressed:bg-wash"
        onClick={() => painting.setIsErasing(!painting.isErasing)}
      >
        {own.erase}
      </Button>
      <Button size="small" onClick={painting.undo}>
        {own.undo}
      </Button>
      <Button size="small" onClick={painting.swap}>
        {own.swap}
      </Button>
      <Button size="small" onClick={painting.clear}>
        {own.clear}
      </Button>
    </div>
  );
}
