/** Where the studio lies: `/`, or the path that a proxy gave it. Ends with a slash. */
export const ROOT = new URL(".", document.baseURI);

/** The absolute address of something of the studio. */
export function at(path: string): string {
  return new URL(path.replace(/^\//, ""), ROOT).href;
}
