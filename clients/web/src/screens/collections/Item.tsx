import type { ItemBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { type DragEvent, useState } from "react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Star } from "@/pictures/Star";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";

interface ItemProps {
  item: ItemBody;
  place: number;
  of: number;
  onMove: (asset: string, to: number) => void;
  onTake: (asset: string) => void;
  onNote: (asset: string, text: string) => void;
}

const KIND = "application/x-atelier-item";

/** A picture of a collection: it is dragged or moved by buttons, and something may be said of it. */
export function Item({ item: { image, note }, place, of, onMove, onTake, onNote }: ItemProps) {
  const said = texts.collections;
  const [over, setOver] = useState(false);
  const id = image.asset_id;
  const what = texts.pictures.picture(image.prompt);
  const accept = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(KIND)) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <li
      className={classes("group grid content-start gap-2 rounded-xl p-1.5", over && "bg-wash outline-2 outline-accent")}
      draggable
      title={said.drag}
      onDragStart={(event) => {
        event.dataTransfer.setData(KIND, id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={accept}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dropped = event.dataTransfer.getData(KIND);
        if (dropped) onMove(dropped, place);
      }}
    >
      <Link
        to="/app/images/$assetId"
        params={{ assetId: id }}
        aria-label={what}
        draggable={false}
        className="block overflow-hidden rounded-lg"
      >
        <Thumbnail assetId={id} url={image.url} alt="" side={260} className="aspect-square w-full" />
      </Link>
      <div className="flex items-center">
        <Button
          size="icon"
          look="quiet"
          aria-label={said.moveBack(what)}
          disabled={place === 0}
          onClick={() => onMove(id, place - 1)}
        >
          <ChevronLeft className="size-4" aria-hidden />
        </Button>
        <span className="min-w-6 text-center text-xs text-soft tabular-nums">{place + 1}</span>
        <Button
          size="icon"
          look="quiet"
          aria-label={said.moveOn(what)}
          disabled={place === of - 1}
          onClick={() => onMove(id, place + 1)}
        >
          <ChevronRight className="size-4" aria-hidden />
        </Button>
        <Star assetId={id} favourite={image.favourite} className="ml-auto" />
        <Button size="icon" look="quiet" aria-label={said.take(what)} onClick={() => onTake(id)}>
          <X className="size-4" aria-hidden />
        </Button>
      </div>
      <NoteField key={note} note={note} what={what} onSave={(text) => onNote(id, text)} />
    </li>
  );
}

/** Saved when it is left, or by Enter. */
function NoteField({ note, what, onSave }: { note: string; what: string; onSave: (text: string) => void }) {
  const said = texts.collections;
  const [written, setWritten] = useState(note);
  return (
    <input
      aria-label={`${said.note}: ${what}`}
      placeholder={said.notePlaceholder}
      value={written}
      dir="auto"
      maxLength={2000}
      className="h-8 w-full rounded-md border border-transparent bg-transparent px-2 text-[13px] placeholder:text-soft hover:border-line focus:border-edge focus:bg-sheet"
      onChange={(event) => setWritten(event.currentTarget.value)}
      onBlur={() => written !== note && onSave(written)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setWritten(note);
      }}
    />
  );
}
