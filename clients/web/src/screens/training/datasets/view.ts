import type { DatasetPictureBody, FindingBody } from "@openapi";
import type { Shown } from "../search";
import { isUnread } from "./draft";

/** What was found, by picture; the worst first. */
export function findingsByPicture(findings: readonly FindingBody[]): Map<string, FindingBody[]> {
  const by = new Map<string, FindingBody[]>();
  for (const one of findings) {
    for (const picture of one.pictures) by.set(picture, [...(by.get(picture) ?? []), one]);
  }
  return by;
}

/** The pictures that are asked for: those of one finding, or of a kind. */
export function shownPictures(
  pictures: readonly DatasetPictureBody[],
  show: Shown,
  finding: FindingBody | undefined,
  found: ReadonlyMap<string, unknown>,
): readonly DatasetPictureBody[] {
  if (finding) {
    const meant = new Set(finding.pictures);
    return pictures.filter((one) => meant.has(one.picture));
  }
  if (show === "found") return pictures.filter((one) => found.has(one.picture));
  if (show === "bare") return pictures.filter((one) => one.caption === "");
  if (show === "unread") return pictures.filter(isUnread);
  if (show === "unknown") return pictures.filter((one) => one.right === "unknown");
  return pictures;
}
