import type { DatasetPictureBody, FindingBody } from "@openapi";
import { useMemo, useState } from "react";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/states";
import { texts } from "@/texts";
import { Tile, type TileActions } from "./Tile";

const PAGE = 60;

interface GridProps extends TileActions {
  pictures: readonly DatasetPictureBody[];
  changed: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  findings: ReadonlyMap<string, readonly FindingBody[]>;
  fixed: boolean;
}

const NONE: readonly FindingBody[] = [];

/** The pictures of a dataset, sixty more at a time. */
export function Grid({ pictures, changed, selected, findings, fixed, ...act }: GridProps) {
  const [most, setMost] = useState(PAGE);
  const shown = useMemo(() => pictures.slice(0, most), [pictures, most]);
  if (pictures.length === 0) return <Empty title={texts.datasets.page.nothing} />;
  return (
    <>
      <ul
        className="grid grid-cols-[repeat(auto-fill,minmax(min(13rem,100%),1fr))] gap-3"
        aria-label={texts.datasets.page.pictures}
      >
        {shown.map((picture) => (
          <Tile
            key={picture.picture}
            picture={picture}
            changed={changed.has(picture.picture)}
            selected={selected.has(picture.picture)}
            findings={findings.get(picture.picture) ?? NONE}
            fixed={fixed}
            {...act}
          />
        ))}
      </ul>
      {pictures.length > most && (
        <Button className="mt-4 justify-self-center" onClick={() => setMost(most + PAGE)}>
          {texts.datasets.page.more(Math.min(PAGE, pictures.length - most))}
        </Button>
      )}
    </>
  );
}
