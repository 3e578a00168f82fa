import type { Verification } from "@openapi";
import type { Ref } from "react";
import { Badge } from "@/parts/Badge";
import { minuteOf } from "@/parts/dates";
import { Facts, Part } from "@/parts/Facts";
import { texts } from "@/texts";
import { FilePreview } from "./FilePreview";
import { FileRecipe } from "./FileRecipe";
import { OwnPicture } from "./OwnPicture";
import { headlineOf, marksOf } from "./words";

const said = texts.verification;
const USES = ["reference", "internal", "product"] as const;

interface VerdictProps {
  found: Verification;
  file: File;
  /** Where who listens goes on once it is there. */
  ref: Ref<HTMLDivElement>;
}

/** What was found of a file: first in plain words, then each matter. */
export function Verdict({ found, file, ref }: VerdictProps) {
  return (
    <section aria-label={said.result} className="grid gap-8 md:grid-cols-[15rem_minmax(0,1fr)]">
      <FilePreview file={file} />
      <div className="grid min-w-0 content-start gap-6">
        <div ref={ref} tabIndex={-1} className="grid gap-3 outline-none">
          <h2 className="font-serif text-xl font-semibold">{headlineOf(found)}</h2>
          <div className="flex flex-wrap gap-1.5">
            {marksOf(found).map(({ text, tone }) => (
              <Badge key={text} tone={tone}>
                {text}
              </Badge>
            ))}
          </div>
          <p className="max-w-prose break-words" dir="auto">
            {found.sentence}
          </p>
        </div>
        {found.findings.length > 0 && (
          <Part title={said.findings}>
            <ul className="grid list-disc gap-1 pl-5 text-[13px] break-words">
              {found.findings.map((finding) => (
                <li key={finding} className="first-letter:uppercase">
                  {finding}
                </li>
              ))}
            </ul>
          </Part>
        )}
        {found.picture && <OwnPicture of={found.picture} />}
        <Licence found={found} />
        {found.ingredients.length > 0 && <Ingredients found={found} />}
        <FileRecipe found={found} />
        <Part title={said.details.title}>
          <Facts facts={detailsOf(found)} />
        </Part>
      </div>
    </section>
  );
}

function Licence({ found: { licence } }: { found: Verification }) {
  const { title, lead, none, names, unsaid } = said.licence;
  return (
    <Part title={title}>
      <p className="text-[13px] text-soft">{licence ? lead : none}</p>
      {licence && (
        <Facts
          facts={[
            ...USES.map((use): [string, string] => {
              const verdict = licence[use];
              return [texts.licences.purposes[use], verdict ? texts.licences[verdict] : unsaid];
            }),
            ...(licence.licences ? [[names, licence.licences] as const] : []),
          ]}
        />
      )}
    </Part>
  );
}

function Ingredients({ found }: { found: Verification }) {
  const { title, untitled, signed, unsigned, relationships } = said.ingredients;
  return (
    <Part title={title}>
      <ul className="grid gap-1.5 text-[13px]">
        {found.ingredients.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is read once and never changes
          <li key={place} className="rounded-lg bg-well px-3 py-2 break-words">
            <span className="font-medium" dir="auto">
              {one.title || untitled}
            </span>
            {`, ${relationships[one.relationship] ?? one.relationship}, ${one.is_signed ? signed : unsigned}`}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function detailsOf({ made_by, issuer, format, actions, sha256 }: Verification): [string, string][] {
  const facts: [string, string][] = [];
  if (made_by) facts.push([said.madeBy, made_by]);
  if (issuer) facts.push([said.signer, issuer.name]);
  if (issuer) facts.push([said.authority, issuer.self_made ? said.selfMade : issuer.authority]);
  if (issuer?.signed_at) facts.push([said.signedAt, momentOf(issuer.signed_at)]);
  if (format) facts.push([said.details.format, format.toUpperCase()]);
  if (actions.length > 0) facts.push([said.details.actions, actions.join(", ")]);
  facts.push([said.details.sha256, sha256]);
  return facts;
}

/** As whoever vouches for times has written it, where that is no time. */
const momentOf = (written: string) => (Number.isNaN(Date.parse(written)) ? written : minuteOf(written));
