/** An id from the name of a file: small letters, digits, ".", "_" and "-". */
export const idFrom = (name: string): string =>
  name
    .replace(/\.safetensors$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 64);

/** Bytes as people say them. */
export function bytesOf(size: number): string {
  if (size < 1_000_000) return `${Math.max(1, Math.round(size / 1000))} kB`;
  return `${(size / 1_000_000).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;
}
