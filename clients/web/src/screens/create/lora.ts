/** A LoRA as an order names it: `icons`, whichever is live, or `icons@1.2.0`. */
export const loraIn = (named: string): string => named.split("@")[0] ?? named;

export const versionIn = (named: string): string | null => named.split("@")[1] ?? null;

export const pinned = (id: string, version: string | null): string => (version === null ? id : `${id}@${version}`);
