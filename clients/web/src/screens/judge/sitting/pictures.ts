import type { BallotBody } from "@openapi";
import { useEffect, useReducer, useRef } from "react";
import { fetchBlob } from "@/api/client";
import { asProblem } from "@/api/problem";
import { onThisOrigin } from "@/parts/source";

/** The pictures of a ballot, ready to be shown at the same moment. */
export type Held = Readonly<Record<string, readonly string[]>>;

const AGAIN_MS = 2_000;

/** Fetches and decodes what is about to be shown. A ballot is held with all of its pictures, or not at all: that one
 * came first would tell which arm drew it. What was shown is kept until the screen is left, for undo and the end. */
export function usePictures(ballots: readonly BallotBody[], onGone: (id: string) => void): Held {
  const held = useRef<Record<string, readonly string[]>>({});
  const fetching = useRef(new Set<string>());
  const gone = useRef(onGone);
  gone.current = onGone;
  const left = useRef(false);
  const [, tell] = useReducer((count: number) => count + 1, 0);

  useEffect(() => {
    for (const ballot of ballots) {
      if (held.current[ballot.id] || fetching.current.has(ballot.id)) continue;
      fetching.current.add(ballot.id);
      void fetchUntilThere(ballot, () => left.current)
        .then((pictures) => {
          if (pictures === null || left.current) return;
          held.current = { ...held.current, [ballot.id]: pictures };
          tell();
        })
        .catch(() => gone.current(ballot.id))
        .finally(() => fetching.current.delete(ballot.id));
    }
  }, [ballots]);

  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
      for (const url of Object.values(held.current).flat()) URL.revokeObjectURL(url);
      held.current = {};
    };
  }, []);
  return held.current;
}

/** Again and again while the studio does not answer; null once nobody waits for them. Throws what does not pass. */
async function fetchUntilThere(ballot: BallotBody, isLeft: () => boolean): Promise<string[] | null> {
  while (!isLeft()) {
    try {
      return await Promise.all(ballot.pictures.map(fetchPicture));
    } catch (error) {
      if (!asProblem(error).passes) throw error;
      await new Promise((again) => setTimeout(again, AGAIN_MS));
    }
  }
  return null;
}

async function fetchPicture(url: string): Promise<string> {
  const local = URL.createObjectURL(await fetchBlob(onThisOrigin(url)));
  const image = new Image();
  image.src = local;
  await image.decode();
  return local;
}
