import type { VersionBody } from "@openapi";
import { compareVersions } from "./semver";

/** The two versions that one compares first: what is live with the candidate, else with the newest, else the newest two. */
export function pairOf(versions: readonly VersionBody[]): [before: string, after: string] | null {
  const marked = (mark: string) => versions.find((one) => one.marks?.includes(mark))?.version;
  const [newest, second] = versions;
  if (!newest || !second) return null;
  const live = marked("live");
  const after = [marked("candidate"), newest.version, second.version].find((one) => one !== undefined && one !== live);
  if (live !== undefined && after !== undefined)
    return compareVersions(live, after) < 0 ? [live, after] : [after, live];
  return [second.version, newest.version];
}

/** A value of a body as people read it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null)) return value.join(", ");
  if (Array.isArray(value)) return value.map((one) => line(one)).join("\n");
  return typeof value === "object" && value !== null ? line(value) : String(value);
}

const line = (value: object): string =>
  Object.entries(value)
    .map(([name, said]) => `${name}: ${typeof said === "object" ? JSON.stringify(said) : said}`)
    .join("  ·  ");
