import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Input } from "@/parts/Field";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";

const PAUSE_MS = 250;

/** Words to search for; asked once somebody pauses in writing. */
export function SearchBox({ words, onChange }: { words: string; onChange: (words: string) => void }) {
  const said = texts.work;
  const [written, setWritten] = useState(words);
  const box = useRef<HTMLInputElement>(null);
  const [before, setBefore] = useState(words);
  if (before !== words) {
    setBefore(words);
    if (words.trim() !== written.trim()) setWritten(words);
  }
  useEffect(() => {
    if (written.trim() === words) return;
    const timer = setTimeout(() => onChange(written.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [written, words, onChange]);
  useShortcut("/", said.keys.search, () => box.current?.focus());
  return (
    <search className="relative min-w-48 flex-1">
      <Search className="pointer-events-none absolute top-2.5 left-3 size-4 text-soft" aria-hidden />
      <Input
        ref={box}
        type="search"
        aria-label={said.search}
        placeholder={said.placeholder}
        value={written}
        maxLength={1000}
        dir="auto"
        className="pr-9 pl-9 [&::-webkit-search-cancel-button]:hidden"
        onChange={(event) => setWritten(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(written.trim());
          if (event.key === "Escape") setWritten("");
        }}
      />
      {written && (
        <button
          type="button"
          aria-label={said.clearWords}
          className="absolute top-1.5 right-1.5 grid size-6 place-items-center rounded-md text-soft hover:text-ink"
          onClick={() => {
            setWritten("");
            box.current?.focus();
          }}
        >
          <X className="size-4" aria-hidden />
        </button>
      )}
    </search>
  );
}
