import type { DatasetPictureBody, FindingBody } from "@openapi";
import { memo, useState } from "react";
import { classes } from "@/parts/classes";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";
import { isUnread } from "./draft";
import { SeverityIcon, sentence } from "./Findings";

const said = texts.datasets.page;

export interface TileActions {
  onCaption: (picture: string, caption: string, read: boolean) => void;
  onSelect: (picture: string, selected: boolean) => void;
  onRight: (picture: string) => void;
}

interface TileProps extends TileActions {
  picture: DatasetPictureBody;
  changed: boolean;
  selected: boolean;
  findings: readonly FindingBody[];
  /** It can be looked at only. */
  fixed: boolean;
}

const nameOf = (picture: DatasetPictureBody) => picture.name || picture.picture;

/** A picture of a dataset: what it shows, in place; whose it is; and what was found of it. */
export const Tile = memo(function Tile({ picture, changed, selected, findings, fixed, ...act }: TileProps) {
  const name = nameOf(picture);
  const [worst] = findings;
  return (
    <li
      data-picture={picture.picture}
      className={classes(
        "grid content-start overflow-hidden rounded-xl border border-line bg-sheet [contain-intrinsic-size:18rem] [content-visibility:auto]",
        selected && "border-accent ring-1 ring-accent",
      )}
    >
      <div className="relative">
        <Thumbnail
          assetId={picture.picture}
          url={picture.url}
          alt={picture.caption || name}
          side={240}
          className="aspect-square"
        />
        {!fixed && (
          <input
            type="checkbox"
            aria-label={said.select(name)}
            checked={selected}
            onChange={(event) => act.onSelect(picture.picture, event.currentTarget.checked)}
            className="absolute top-2 left-2 size-6 accent-(--accent)"
          />
        )}
        {worst && (
          <span
            className="absolute top-2 right-2 flex h-6 items-center gap-1 rounded-full bg-sheet px-1.5 text-xs shadow-sheet"
            title={findings.map((one) => sentence(one.reason)).join("\n")}
          >
            <SeverityIcon severity={worst.severity} />
            <span className="sr-only">{findings.map((one) => sentence(one.reason)).join(" ")}</span>
            {findings.length > 1 && <span aria-hidden>{findings.length}</span>}
          </span>
        )}
      </div>
      {fixed ? (
        <p className="min-h-14 px-3 py-2 text-[13px]" dir="auto">
          {picture.caption}
        </p>
      ) : (
        <Caption key={picture.caption} picture={picture} onCaption={act.onCaption} />
      )}
      <div className="flex min-h-8 items-center justify-between gap-2 border-t border-line px-3 py-1 text-xs text-soft">
        <button
          type="button"
          disabled={fixed}
          className="min-h-6 min-w-0 truncate rounded text-left not-disabled:hover:text-ink not-disabled:hover:underline"
          aria-label={`${texts.datasets.rightOf(texts.datasets.rights[picture.right])}, ${name}`}
          onClick={() => act.onRight(picture.picture)}
        >
          <span className={classes(picture.right === "unknown" && "text-warn")}>
            {texts.datasets.rights[picture.right]}
          </span>
          {picture.source && <span dir="auto"> · {picture.source}</span>}
        </button>
        {changed && (
          <span
            role="img"
            aria-label={said.changed}
            title={said.changed}
            className="size-2 shrink-0 rounded-full bg-accent"
          />
        )}
      </div>
    </li>
  );
});

/** Enter keeps what is written and goes to the next caption; Escape takes it back. */
function Caption({ picture, onCaption }: { picture: DatasetPictureBody; onCaption: TileActions["onCaption"] }) {
  const [text, setText] = useState(picture.caption);
  const name = nameOf(picture);
  const keep = (read: boolean) => {
    const now = text.replaceAll(/\s+/g, " ").trim();
    if (now !== picture.caption || (read && isUnread(picture))) onCaption(picture.picture, now, read);
  };
  return (
    <div className="grid">
      <textarea
        data-caption
        dir="auto"
        rows={2}
        maxLength={2000}
        aria-label={said.captionOf(name)}
        placeholder={said.captionPlaceholder}
        value={text}
        className="min-h-14 w-full resize-none bg-transparent px-3 py-2 text-[13px] -outline-offset-2 [field-sizing:content] placeholder:text-soft focus:bg-paper"
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => keep(false)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            setText(picture.caption);
          }
          if (event.key !== "Enter") return;
          event.preventDefault();
          keep(true);
          nextCaption(event.currentTarget, event.shiftKey ? -1 : 1);
        }}
      />
      {isUnread(picture) && (
        <p className="px-3 pb-1.5 text-xs text-warn">{said.writtenBy(picture.caption_by, picture.unsure)}</p>
      )}
    </div>
  );
}

function nextCaption(from: HTMLTextAreaElement, by: 1 | -1): void {
  const all = [...(from.closest("ul")?.querySelectorAll<HTMLTextAreaElement>("[data-caption]") ?? [])];
  const next = all[all.indexOf(from) + by];
  next?.focus();
  next?.select();
  next?.closest("li")?.scrollIntoView({ block: "nearest" });
}
