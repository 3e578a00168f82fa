import { announce } from "@/live/announcements";
import { useDropped } from "@/parts/dropped";
import { texts } from "@/texts";
import { limitsOf, redraws, room } from "../abilities";
import type { Surroundings } from "../request";
import { picturesOf } from "../uploads";
import { addFiles } from "./GuideFields";
import { beginWith } from "./StartPicture";

/** Pictures that are dropped or pasted, wherever that is. Says whether one is held over the page. */
export const useDrops = (around: Surroundings): boolean => useDropped((what) => take(picturesOf(what), around));

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
