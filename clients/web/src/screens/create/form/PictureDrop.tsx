import { ImagePlus, Images } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";
import type { Source } from "../draft";
import { PICTURES, picturesOf } from "../uploads";
import { LibraryChooser } from "./LibraryChooser";

interface PictureDropProps {
  label: string;
  several?: boolean;
  onFiles: (files: File[]) => void;
  onChosen: (source: Source) => void;
}

/** A place for pictures: from a file, dropped, or one that the studio has. */
export function PictureDrop({ label, several, onFiles, onChosen }: PictureDropProps) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const drop = (event: DragEvent) => {
    const files = picturesOf(event.dataTransfer);
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    setIsOver(false);
    onFiles(files);
  };
  return (
    <div className="flex gap-1.5">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside choosing a file, which keys do */}
      <div
        className="min-w-0 flex-1"
        onDrop={drop}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
      >
        <label
          htmlFor={id}
          className={classes(
            "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg border border-dashed border-edge px-3 py-2 text-[13px] text-soft hover:border-accent hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            isOver && "border-accent bg-wash text-ink",
          )}
        >
          <ImagePlus className="size-4 shrink-0" aria-hidden />
          {isOver ? texts.create.pictures.drop : label}
          <input
            id={id}
            type="file"
            className="sr-only"
            accept={PICTURES}
            multiple={several}
            onChange={(event) => {
              onFiles([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
          />
        </label>
      </div>
      <Button
        className="h-auto min-h-10 px-3"
        title={texts.create.pictures.fromLibrary}
        aria-label={texts.create.pictures.fromLibrary}
        onClick={() => setChoosing(true)}
      >
        <Images className="size-4" aria-hidden />
      </Button>
      {choosing && (
        <LibraryChooser
          onClose={() => setChoosing(false)}
          onChosen={(source) => {
            setChoosing(false);
            onChosen(source);
          }}
        />
      )}
    </div>
  );
}
