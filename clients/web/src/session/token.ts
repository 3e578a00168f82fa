import { useSyncExternalStore } from "react";

/**
 * The proof of who is signed in, for whoever calls the API. How it is had is the business of `issuers.ts`; here is only
 * whether there is one, and whether the studio still takes it.
 */
type Renew = () => Promise<string | null>;

let renew: Renew = async () => null;
let refused = false;
let needed = false;
const listeners = new Set<() => void>();

/** Where tokens come from: asked before every call, so that one that is about to end is renewed first. */
export function tokensFrom(source: Renew, isNeeded: boolean): void {
  renew = source;
  needed = isNeeded;
  found();
}

/** Whether calls carry a token, and pictures have to be fetched rather than linked. */
export const tokenNeeded = (): boolean => needed;

export async function credentials(): Promise<Record<string, string>> {
  const token = await renew();
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** The studio has said that nobody is signed in. */
export function lost(): void {
  if (refused) return;
  refused = true;
  for (const listener of listeners) listener();
}

/** Somebody is signed in again. */
export function found(): void {
  if (!refused) return;
  refused = false;
  for (const listener of listeners) listener();
}

/** Whether the studio has refused the token that this tab has. */
export function useIsLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refused,
  );
}
