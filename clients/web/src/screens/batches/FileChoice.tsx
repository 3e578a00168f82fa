import { FileSpreadsheet } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";

const said = texts.batch.compose;
const SHOWN_LINES = 8;

/** A CSV file, chosen, dropped or pasted, and how it begins. */
export function FileChoice({ file, onChange }: { file: File | null; onChange: (file: File | null) => void }) {
  const [over, setOver] = useState(false);
  const head = useHead(file);
  if (file) {
    return (
      <div className="grid gap-3 rounded-xl border border-line bg-sheet p-4" data-field="file">
        <div className="flex items-center justify-between gap-3">
          <span className="flex min-w-0 items-center gap-2 font-medium">
            <FileSpreadsheet className="size-4 shrink-0 text-soft" aria-hidden />
            <span className="truncate">{file.name}</span>
          </span>
          <Button size="small" onClick={() => onChange(null)}>
            {said.another}
          </Button>
        </div>
        <pre className="overflow-x-auto rounded-lg bg-well p-3 text-xs leading-relaxed" dir="auto">
          {head}
        </pre>
      </div>
    );
  }
  return (
    <label
      data-field="file"
      className={classes(
        "grid min-h-52 cursor-pointer place-items-center content-center gap-2 rounded-xl border border-dashed border-edge bg-sheet p-6 text-center has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        over && "border-accent bg-wash",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onChange(event.dataTransfer.files[0] ?? null);
      }}
      onPaste={(event) => onChange(pasted(event.clipboardData) ?? null)}
    >
      <input
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        className="sr-only"
        onChange={(event) => onChange(event.currentTarget.files?.[0] ?? null)}
      />
      <FileSpreadsheet className="size-6 text-soft" aria-hidden />
      <span className="font-medium">{said.drop}</span>
      <span className="max-w-sm text-[13px] text-soft">{said.dropHint}</span>
    </label>
  );
}

/** A file, or cells that were copied out of a table. */
function pasted(data: DataTransfer): File | null {
  const text = data.getData("text/plain");
  return data.files[0] ?? (text ? new File([text], "pasted.csv", { type: "text/csv" }) : null);
}

/** The first lines of a file, to see that it is the right one. */
function useHead(file: File | null): string {
  const [head, setHead] = useState("");
  useEffect(() => {
    let left = false;
    file
      ?.slice(0, 4096)
      .text()
      .then((text) => !left && setHead(text.split("\n").slice(0, SHOWN_LINES).join("\n")));
    return () => {
      left = true;
      setHead("");
    };
  }, [file]);
  return head;
}
