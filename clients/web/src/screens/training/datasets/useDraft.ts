import { useCallback, useRef, useState } from "react";
import { toast } from "@/parts/toasts";
import { type Draft, NOTHING } from "./draft";

const keyOf = (id: string) => `atelier.dataset.${id}`;

function kept(id: string): Draft {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(keyOf(id)) ?? "null");
    return typeof read === "object" && read !== null ? { ...NOTHING, ...read } : NOTHING;
  } catch {
    return NOTHING;
  }
}

export interface Drafting {
  draft: Draft;
  change: (how: (draft: Draft) => Draft) => void;
  /** The same, of much at once: it is said, and can be taken back. */
  changeMuch: (now: Draft, said: string) => void;
  clear: () => void;
}

/** Changes of one dataset; they are kept in this tab, so that a reload or a sign-in loses nothing. */
export function useDraft(id: string): Drafting {
  const [draft, setDraft] = useState(() => kept(id));
  const latest = useRef(draft);
  const set = useCallback(
    (now: Draft) => {
      latest.current = now;
      setDraft(now);
      if (now === NOTHING) sessionStorage.removeItem(keyOf(id));
      else sessionStorage.setItem(keyOf(id), JSON.stringify(now));
    },
    [id],
  );
  return {
    draft,
    change: (how) => set(how(latest.current)),
    changeMuch(now, said) {
      const before = draft;
      set(now);
      toast(said, { undo: () => set(before) });
    },
    clear: () => set(NOTHING),
  };
}
