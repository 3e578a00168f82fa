import type { LicenceLine } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { licencesQuery } from "@/api/licences";
import { Badge, type Tone } from "@/parts/Badge";
import { Page } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { PURPOSES } from "./grant";
import { Grants } from "./licences/Grants";

const TONES: Record<LicenceLine["product"], Tone> = { allowed: "good", conditional: "warn", refused: "bad" };

/** What each licence allows, what is under it, and what was bought. */
export function LicencesScreen() {
  const licences = useQuery(licencesQuery);
  const said = texts.operators.licences;
  return (
    <Page title={said.title} lead={said.lead}>
      <Grants licences={licences.data?.licences ?? []} />
      <h2 className="mt-10 mb-3 text-[15px] font-semibold">{said.lines}</h2>
      {licences.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </Loading>
      )}
      {licences.error && <Failed error={licences.error} onRetry={() => licences.refetch()} />}
      <ul className="divide-y divide-line">
        {licences.data?.licences.map((line) => (
          <Line key={line.id} of={line} />
        ))}
      </ul>
    </Page>
  );
}

function Line({ of }: { of: LicenceLine }) {
  const said = texts.operators.licences;
  const usedBy = of.used_by ?? [];
  return (
    <li className="py-3.5">
      <details>
        <summary className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1.5">
          <span className="min-w-52 flex-1 font-medium">{of.name}</span>
          <span className="text-[13px] text-soft">{said.usedBy(usedBy.length)}</span>
          <span className="flex flex-wrap gap-1.5">
            {PURPOSES.map((purpose) => (
              <Badge key={purpose} tone={TONES[of[purpose]]}>
                {said.purposes[purpose]}: {said.verdicts[of[purpose]]}
              </Badge>
            ))}
          </span>
        </summary>
        <div className="mt-2 grid gap-2 text-[13px]">
          {of.note && <p>{of.note}</p>}
          <p className="text-soft">
            <code>{of.id}</code> · {said.read} {of.read_on} ·{" "}
            <a href={of.source} target="_blank" rel="noreferrer" className="underline underline-offset-2">
              {said.source}
            </a>
          </p>
          <ul className="grid gap-1">
            {usedBy.map((one) => (
              <li key={`${one.kind}/${one.component}/${one.part}`}>
                {one.component} <span className="text-soft">· {one.part}</span>
              </li>
            ))}
          </ul>
        </div>
      </details>
    </li>
  );
}
