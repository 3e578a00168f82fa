import { useEffect, useState } from "react";
import { fetchBlob } from "@/api/client";
import { at } from "@/api/root";
import { tokenNeeded } from "@/session/token";

interface Source {
  url: string | null;
  failed: boolean;
}

/** Pictures that were fetched with a token, newest last; an `<img>` cannot send one. */
const held = new Map<string, { url: Promise<string>; users: number }>();
const MOST = 400;

/** Where an `<img>` finds a picture of the studio: its address, or what was fetched from there by whoever is signed in. */
export function useSource(url: string | null): Source {
  const address = url === null ? null : onThisOrigin(url);
  const direct = address === null || address.startsWith("data:") || address.startsWith("blob:") || !tokenNeeded();
  const [fetched, setFetched] = useState<Source & { of: string | null }>({ url: null, failed: false, of: null });
  useEffect(() => {
    if (direct || address === null) return;
    let left = false;
    const entry = take(address);
    entry.url.then(
      (ready) => !left && setFetched({ url: ready, failed: false, of: address }),
      () => !left && setFetched({ url: null, failed: true, of: address }),
    );
    return () => {
      left = true;
      entry.users -= 1;
      letGo();
    };
  }, [address, direct]);
  if (direct) return { url: address, failed: false };
  return fetched.of === address ? fetched : { url: null, failed: false };
}

/** The studio names its files absolutely, as it was asked; behind a proxy that may be another origin than this page's. */
export function onThisOrigin(url: string): string {
  if (!/^https?:/.test(url)) return url.startsWith("data:") || url.startsWith("blob:") ? url : at(url);
  const { pathname, search } = new URL(url);
  return new URL(pathname + search, location.origin).href;
}

function take(address: string) {
  const known = held.get(address);
  if (known) {
    known.users += 1;
    return known;
  }
  const url = fetchBlob(address).then((blob) => URL.createObjectURL(blob));
  url.catch(() => held.delete(address));
  const entry = { url, users: 1 };
  held.set(address, entry);
  return entry;
}

function letGo(): void {
  for (const [address, entry] of held) {
    if (held.size <= MOST) return;
    if (entry.users > 0) continue;
    held.delete(address);
    entry.url.then(URL.revokeObjectURL, () => {});
  }
}
