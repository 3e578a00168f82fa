import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import { Button } from "./Button";

const SHOWN_MS = 2_000;

/** Copies a text, and says that it has. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(texts.common.copied);
    setDone(true);
  };
  return (
    <Button onClick={copy}>
      {done ? <Check className="size-4" aria-hidden /> : <CopyIcon className="size-4" aria-hidden />}
      {done ? texts.common.copied : label}
    </Button>
  );
}
