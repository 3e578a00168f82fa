import type { FoundImage } from "@openapi";
import { useCallback, useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Progress } from "@/parts/Progress";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { saveZip } from "./zip";

/** Saving many pictures as a zip: what starts it, and how far it is, to be shown while it goes on. */
export function useZip() {
  const [state, setState] = useState<{ done: number; all: number } | null>(null);
  const stop = useRef<AbortController | null>(null);
  const start = useCallback(async (images: readonly FoundImage[], name: string) => {
    stop.current?.abort();
    const controller = new AbortController();
    stop.current = controller;
    setState({ done: 0, all: images.length });
    try {
      const onProgress = (done: number) => setState({ done, all: images.length });
      const { saved, failed, errors } = await saveZip(images, name, { signal: controller.signal, onProgress });
      if (saved > 0) toast(texts.work.zip.saved(saved));
      if (failed.length > 0) toast(texts.work.partly(failed.length, asProblem(errors[0]).message), { tone: "bad" });
    } catch (error) {
      if (!controller.signal.aborted) toast(asProblem(error).message, { tone: "bad" });
    } finally {
      if (stop.current === controller) setState(null);
    }
  }, []);
  const said = texts.work.zip;
  const shown = state && (
    <div role="status" className="flex items-center gap-3 text-[13px] text-soft">
      <Progress value={state.done / Math.max(1, state.all)} label={said.label} className="w-32" />
      {said.progress(state.done, state.all)}
      <Button size="small" look="quiet" onClick={() => stop.current?.abort()}>
        {said.stop}
      </Button>
    </div>
  );
  return { start, shown, busy: state !== null };
}
