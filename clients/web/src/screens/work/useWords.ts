import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback, useRef } from "react";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Words that are searched for. They are of prompts, and so never in an address. */
    words?: string;
  }
}

/** The words that this entry of the history searches for; they survive a reload and going back. */
export function useWords(): [string, (words: string) => void] {
  // On the way to another screen the entry is already that screen's, and this one still shows what it has found.
  const here = useRouterState({
    select: ({ location }) => (location.pathname.endsWith("/app/work") ? (location.state.words ?? "") : null),
  });
  const kept = useRef("");
  if (here !== null) kept.current = here;
  const words = kept.current;
  const navigate = useNavigate({ from: "/app/work" });
  const search = useCallback(
    (next: string) => {
      navigate({
        search: (now) => now,
        state: (now) => ({ ...now, words: next || undefined }),
        replace: true,
        resetScroll: true,
      });
    },
    [navigate],
  );
  return [words, search];
}
