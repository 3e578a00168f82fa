import { texts } from "@/texts";
import { groundOf } from "../brandKit";
import { contrast, goodFor, isColour } from "../contrast";

interface KitPreviewProps {
  palette: readonly { key: number; name: string; colour: string; role: string }[];
}

/** The palette as it looks on its ground, each colour with what its contrast is good for. */
export function KitPreview({ palette }: KitPreviewProps) {
  const good = palette.filter((one) => isColour(one.colour));
  const ground = groundOf(good);
  return (
    <figure className="grid gap-3">
      <figcaption className="text-[13px] text-soft">{texts.makers.kit.contrastTitle}</figcaption>
      <ul
        className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-4 rounded-2xl border border-line p-5"
        style={{ background: ground }}
      >
        {good.map(({ key, ...one }) => (
          <Swatch key={key} {...one} ground={ground} />
        ))}
      </ul>
    </figure>
  );
}

function Swatch({ name, colour, role, ground }: { name: string; colour: string; role: string; ground: string }) {
  const ratio = contrast(colour, ground);
  const said = texts.makers.kit;
  // Words stand on a sheet of their own, so that they are read on any ground.
  return (
    <li className="overflow-hidden rounded-xl border border-black/10 bg-sheet">
      <div className="grid h-20 place-items-center" style={{ background: ground }}>
        <div aria-hidden className="size-full" style={{ background: colour }} />
      </div>
      <div className="grid gap-0.5 px-3 py-2 text-xs text-soft">
        <p className="truncate text-[13px] font-semibold text-ink" dir="auto">
          {name || colour}
        </p>
        <p>
          <code>{colour}</code> · {said.roles[role as keyof typeof said.roles] ?? role}
        </p>
        {role !== "ground" && (
          <p>
            {said.contrast(ratio.toFixed(1))}, {said[goodFor(ratio)]}
          </p>
        )}
      </div>
    </li>
  );
}
