import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

/** Puts text on the clipboard and says so; where the browser forbids it, it says that. */
export async function copy(text: string, said: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
    return true;
  } catch {
    toast(texts.pictures.copyFailed, { tone: "bad" });
    return false;
  }
}
