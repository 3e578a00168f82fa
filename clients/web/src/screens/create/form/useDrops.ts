import { useEffect, useRef, useState } from "react";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import { limitsOf, redraws, room } from "../abilities";
import type { Surroundings } from "../request";
import { picturesOf } from "../uploads";
import { addFiles } from "./GuideFields";
import { beginWith } from "./StartPicture";

/** Pictures that are dropped or pasted, wherever that is: a browser would leave the page for them. Says whether one is held over it. */
export function useDrops(around: Surroundings): boolean {
  const latest = useRef(around);
  latest.current = around;
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      setIsOver(false);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      take(picturesOf(event.dataTransfer), latest.current);
    };
    const paste = (event: ClipboardEvent) => {
      const files = picturesOf(event.clipboardData);
      if (files.length > 0 && !document.querySelector("[role=dialog]")) take(files, latest.current);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return isOver;
}

/** A picture goes where the chosen model takes one. */
function take(files: readonly File[], around: Surroundings): void {
  const [first] = files;
  if (!first) return;
  const most = limitsOf(around.limits).pictures;
  const list = (["references", "controls", "image_prompts"] as const).find((one) => room(one, around.model, most) > 0);
  if (redraws(around.model)) beginWith(first, around);
  else if (list) addFiles(list, files, around);
  else announce(texts.create.pictures.noRoom);
}
