import type { Verification } from "@openapi";

const size = (bytes: number) =>
  bytes < 2 ** 20 ? `${Math.round(bytes / 2 ** 10)} kB` : `${(bytes / 2 ** 20).toFixed(1).replace(/\.0$/, "")} MB`;

export const verification = {
  title: "Verify",
  lead: "What a picture is: whether AI made it, whether it was changed since, who says so, and what it may be used for.",
  choose: "Drop a file here, paste it, or choose it",
  chooseHint:
    "Any picture, also of others: PNG, JPEG, WebP, AVIF, SVG or PDF. The studio looks at it and keeps nothing.",
  looking: (name: string) => `Looking at ${name} …`,
  file: (name: string) => `The file ${name}`,
  tooLarge: (name: string, has: number, most: number) =>
    `${name} has ${size(has)}; files of up to ${size(most)} are looked at.`,
  noPicture: (name: string) =>
    `${name} is no file that can say where it comes from: PNG, JPEG, WebP, AVIF, SVG and PDF can.`,
  result: "What it is",
  made: {
    model: "Made by AI",
    "changed by a model": "A composite: changed by AI",
    "enhanced by a program": "Enhanced by a program",
    captured: "Taken by a camera",
    unknown: "It does not say how it was made",
  } satisfies Record<Verification["made"], string>,
  /** Where nobody has signed that, or it was changed since. */
  says: {
    model: "It says that AI made it",
    "changed by a model": "It says that AI changed it",
    "enhanced by a program": "It says that a program enhanced it",
    captured: "It says that a camera took it",
    unknown: "It does not say how it was made",
  } satisfies Record<Verification["made"], string>,
  integrity: {
    unchanged: "Unchanged since it was signed",
    changed: "Changed after it was signed",
    unsigned: "Not signed",
    "signature removed": "Signature taken out, nothing else changed",
    unreadable: "Credentials damaged",
  } satisfies Record<Verification["integrity"], string>,
  delivered: "As this studio delivered it",
  trusted: "Trusted issuer",
  untrusted: "Untrusted issuer",
  expired: "Certificate expired",
  findings: "What to know",
  signer: "Signed by",
  authority: "Vouched for by",
  selfMade: "Nobody: the studio that signed it made its certificate itself",
  signedAt: "Signed",
  madeBy: "Made with",
  own: {
    title: "In this studio",
    is: "It is this picture of the studio.",
    claims: "It says that it is this picture of the studio, and is not one of its files.",
    open: "Open the picture",
  },
  licence: {
    title: "What it may be used for",
    lead: "As the file says itself.",
    none: "The file says nothing of it.",
    names: "Licences",
    unsaid: "not said",
  },
  ingredients: {
    title: "Made of",
    untitled: "A picture without a name",
    signed: "signed itself",
    unsigned: "not signed",
    relationships: {
      parentOf: "what it was changed from",
      componentOf: "a part of it",
      inputTo: "what it was made from",
    } as Record<string, string>,
  },
  recipe: {
    title: "How it was made",
    private: "Its prompt was kept out of the file. The studio that made it has it.",
    again: "Draw it again",
    againHint: "Fills the form with its settings.",
    whole: "The whole recipe",
    parameters: "What another program says of how it made it",
  },
  details: {
    title: "The file",
    format: "Format",
    sha256: "SHA-256",
    actions: "Actions",
  },
  done: (verdict: string) => `Looked at: ${verdict}`,
};
