import { useEffect, useState } from "react";

/** Window heights a second from which on nobody sees what passes. */
const FAST = 4;
/** So many events in a row: a jump to a place is one. */
const EVENTS = 2;
/** Without a scroll event for so many frames, and so long, the page stands: a slow machine has long frames. */
const STILL_FRAMES = 2;
const STILL_MS = 100;

/** How a page has been scrolled, as far as it is known. */
export interface Motion {
  at: number;
  top: number;
  /** Events in a row that were fast. */
  fast: number;
}

/** The motion after one more scroll event. */
export function movedOn(before: Motion, at: number, top: number, height: number): Motion {
  const seconds = Math.max(1, at - before.at) / 1000;
  const speed = Math.abs(top - before.top) / seconds / height;
  return { at, top, fast: speed > FAST ? before.fast + 1 : 0 };
}

export const isFling = (motion: Motion): boolean => motion.fast >= EVENTS;

/** Whether the page is being scrolled so fast that what passes need not be there. */
export function useFlinging(): boolean {
  const [flinging, setFlinging] = useState(false);
  useEffect(() => {
    let motion: Motion = { at: 0, top: scrollY, fast: 0 };
    let quiet = 0;
    let frame = 0;
    const look = (now: number) => {
      quiet += 1;
      const stands = quiet > STILL_FRAMES && now - motion.at > STILL_MS;
      frame = stands ? 0 : requestAnimationFrame(look);
      if (stands) setFlinging(false);
    };
    const scrolled = (event: Event) => {
      quiet = 0;
      motion = movedOn(motion, event.timeStamp, scrollY, innerHeight);
      setFlinging(isFling(motion));
      if (isFling(motion) && frame === 0) frame = requestAnimationFrame(look);
    };
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      removeEventListener("scroll", scrolled);
      cancelAnimationFrame(frame);
    };
  }, []);
  return flinging;
}
