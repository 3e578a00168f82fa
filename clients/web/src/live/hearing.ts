import { useEffect, useRef } from "react";
import type { Happening } from "./happening";

const hearers = new Set<(what: Happening) => void>();

export function tellHearers(what: Happening): void {
  for (const hear of hearers) hear(what);
}

/** Hear what the stream of this tab tells, while the component is shown: for what one screen alone makes of it. */
export function useHearing(hear: (what: Happening) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    const mine = (what: Happening) => latest.current(what);
    hearers.add(mine);
    return () => {
      hearers.delete(mine);
    };
  }, []);
}
