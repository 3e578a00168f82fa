import { WifiOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useStreamState } from "@/live/store";
import { texts } from "@/texts";

const PATIENCE_MS = 4_000;

/** Says when the page does not hear the studio, after a moment: most breaks are over before anybody needs to know. */
export function Connection() {
  const online = useOnline();
  const stream = useStreamState();
  const said = !online
    ? texts.shell.offline
    : stream === "away"
      ? texts.shell.away
      : stream === "polling"
        ? texts.shell.polling
        : null;
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) {
      setShown(null);
      return;
    }
    const timer = setTimeout(() => setShown(said), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-3 top-3 z-40 grid justify-items-center">
      {shown && (
        <p className="flex items-center gap-2.5 rounded-full border border-line bg-warn-wash px-4 py-1.5 text-[13px] text-warn shadow-sheet">
          <WifiOff className="size-4 shrink-0" aria-hidden />
          {shown}
        </p>
      )}
    </div>
  );
}

export function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
  );
}
