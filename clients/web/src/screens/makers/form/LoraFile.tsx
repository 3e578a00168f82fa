import { FileUp } from "lucide-react";
import { type DragEvent, useState } from "react";
import { classes } from "@/parts/classes";
import { Group } from "@/parts/Field";
import { texts } from "@/texts";
import { bytesOf } from "./fileName";

interface LoraFileProps {
  file: File | null;
  onChoose: (file: File) => void;
  error: string | null;
}

/** The file, by choice or by drop. */
export function LoraFile({ file, onChoose, error }: LoraFileProps) {
  const [over, setOver] = useState(false);
  const said = texts.makers.lora;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped) onChoose(dropped);
  };
  return (
    <Group label={said.file} hint={said.fileHint} error={error}>
      <label
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={classes(
          "flex min-h-24 cursor-pointer items-center justify-center gap-3 rounded-2xl border border-dashed border-edge px-5 py-6 text-center hover:bg-well has-focus-visible:outline-2 has-focus-visible:outline-accent",
          over && "border-accent bg-wash",
        )}
      >
        <FileUp className="size-5 text-soft" aria-hidden />
        <span className={classes("break-all", !file && "text-soft")}>
          {file ? said.chosen(file.name, bytesOf(file.size)) : said.drop}
        </span>
        <input
          type="file"
          aria-label={said.file}
          accept=".safetensors"
          className="sr-only"
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen) onChoose(chosen);
          }}
        />
      </label>
    </Group>
  );
}
