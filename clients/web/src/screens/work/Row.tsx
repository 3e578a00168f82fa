import type { FoundImage } from "@openapi";
import { memo, useState } from "react";
import { Tile } from "./Tile";

interface RowProps {
  images: readonly FoundImage[];
  index: number;
  columns: number;
  side: number;
  gap: number;
  /** From the top of the grid. */
  start: number;
  selected: ReadonlySet<string>;
  /** The place in this row that Tab leads to; null where it is in another. */
  current: number | null;
  /** It comes by so fast that nobody sees what is in it. */
  passing: boolean;
}

/** One row of the grid. What scrolls past stays as it is: it is drawn again only when something of its own changes. */
export const Row = memo(function Row(props: RowProps) {
  const { images, index, columns, side, gap, start, selected, current, passing } = props;
  const [seen, setSeen] = useState(!passing);
  if (!seen && (!passing || current !== null)) setSeen(true);
  const style = { transform: `translateY(${start}px)`, height: side, gap };
  const shown = images.slice(index * columns, (index + 1) * columns);
  if (!seen) return <Places count={shown.length} side={side} style={style} />;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of links has no rows and columns that can be walked by arrows.
    // biome-ignore lint/a11y/useFocusableInteractive: its links are.
    <div role="row" aria-rowindex={index + 1} className={PLACE} style={style}>
      {shown.map((image, column) => (
        <Tile
          key={image.asset_id}
          image={image}
          place={index * columns + column}
          side={side}
          selected={selected.has(image.asset_id)}
          choosing={selected.size > 0}
          current={index * columns + column === current}
        />
      ))}
    </div>
  );
});

/** How a row lies in the grid: nothing in it moves anything outside. */
const PLACE = "absolute inset-x-0 top-0 flex contain-layout contain-style";

interface PlacesProps {
  count: number;
  side: number;
  style: { transform: string; height: number; gap: number };
}

/** The places of a row, without asking for a picture. */
function Places({ count, side, style: { gap, ...style } }: PlacesProps) {
  const tile = `var(--well) 0 ${side}px, transparent ${side}px ${side + gap}px`;
  const width = count * (side + gap) - gap;
  return (
    <div
      aria-hidden
      className={PLACE}
      style={{ ...style, width, backgroundImage: `repeating-linear-gradient(90deg, ${tile})` }}
    />
  );
}
