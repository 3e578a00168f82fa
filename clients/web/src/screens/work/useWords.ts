import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Words that are searched for. They are of prompts, and so never in an address. */
    words?: string;
  }
}

/** The words that this entry of the history searches for; they survive a reload and going back. */
export function useWords(): [string, (words: string) => void] {
  const words = useRouterState({ select: (state) => state.location.state.words ?? "" });
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
