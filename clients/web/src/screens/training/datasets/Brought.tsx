import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { texts } from "@/texts";
import type { Brought } from "./intake";

interface BroughtPicturesProps {
  brought: readonly Brought[];
  onRemove: (one: Brought) => void;
}

const MOST = 200;

/** What was dropped, before it is sent. */
export function BroughtPictures({ brought, onRemove }: BroughtPicturesProps) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-2">
      {brought.slice(0, MOST).map((one) => (
        <li key={`${one.file.name}/${one.file.size}`} className="group relative">
          <Preview file={one.file} />
          <span className="mt-1 block truncate text-xs text-soft" dir="auto" title={one.caption || one.file.name}>
            {one.caption || one.file.name}
          </span>
          <button
            type="button"
            aria-label={texts.datasets.make.take(one.file.name)}
            className="absolute top-1 right-1 grid size-6 place-items-center rounded-full border border-line bg-sheet text-soft hover:text-ink"
            onClick={() => onRemove(one)}
          >
            <X className="size-3.5" aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Preview({ file }: { file: File }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return (
    <span className="block aspect-square overflow-hidden rounded-lg bg-well">
      {url && <img src={url} alt="" className="size-full object-cover" loading="lazy" decoding="async" />}
    </span>
  );
}
