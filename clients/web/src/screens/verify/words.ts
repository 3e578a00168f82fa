import type { Verification } from "@openapi";
import type { Tone } from "@/parts/Badge";
import { texts } from "@/texts";

const said = texts.verification;

/** How a file was made. Where no signature holds and the studio does not know it, that is only what the file says. */
export function headlineOf(found: Verification): string {
  const known = found.integrity === "unchanged" || (found.picture?.format ?? "") !== "";
  return (known ? said.made : said.says)[found.made];
}

export interface Mark {
  text: string;
  tone: Tone;
}

const TONES: Record<Verification["integrity"], Tone> = {
  unchanged: "good",
  changed: "bad",
  unsigned: "warn",
  "signature removed": "warn",
  unreadable: "bad",
};

/** What holds of its signature, each in a few words. */
export function marksOf(found: Verification): Mark[] {
  const { integrity, issuer } = found;
  const delivered = integrity === "unchanged" && !issuer;
  const marks: Mark[] = [{ text: delivered ? said.delivered : said.integrity[integrity], tone: TONES[integrity] }];
  if (issuer)
    marks.push(issuer.trusted ? { text: said.trusted, tone: "good" } : { text: said.untrusted, tone: "warn" });
  if (issuer?.expired) marks.push({ text: said.expired, tone: "warn" });
  return marks;
}
