import { type DragEvent, type ReactNode, useState } from "react";
import { classes } from "./classes";

interface DropProps {
  icon: ReactNode;
  label: string;
  hint: string;
  /** What the chooser of files offers first; anything can be dropped. */
  accept?: string;
  several?: boolean;
  /** Something is held over the page, which takes it as well. */
  over?: boolean;
  onFiles: (files: File[]) => void;
}

/** A place for files, by choice or by drop. */
export function Drop({ icon, label, hint, accept, several, over = false, onFiles }: DropProps) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    // Of a page that takes files wherever they are dropped, it is its own place.
    event.stopPropagation();
    setOver(false);
    onFiles([...event.dataTransfer.files].slice(0, several ? undefined : 1));
  };
  return (
    <label
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classes(
        "grid min-h-36 cursor-pointer place-items-center content-center gap-2 rounded-2xl border border-dashed border-edge bg-sheet px-6 py-8 text-center hover:bg-well has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        (over || isOver) && "border-accent bg-wash",
      )}
    >
      <span className="text-soft [&_svg]:size-6">{icon}</span>
      <span className="font-semibold">{label}</span>
      <span className="max-w-md text-[13px] text-soft">{hint}</span>
      <input
        type="file"
        aria-label={label}
        accept={accept}
        multiple={several}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
