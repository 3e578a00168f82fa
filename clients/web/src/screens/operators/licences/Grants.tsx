import type { GrantBody, LicenceLine } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { grantsQuery, revokeGrant } from "@/api/licences";
import { Badge, type Tone } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { dayOf } from "@/parts/dates";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { GrantDialog } from "./GrantDialog";

const TONES: Record<GrantBody["state"], Tone> = { active: "good", planned: "warn", ended: "plain", revoked: "plain" };

/** Licences that were bought. */
export function Grants({ licences }: { licences: readonly LicenceLine[] }) {
  const grants = useQuery(grantsQuery);
  const [recording, setRecording] = useState(false);
  const said = texts.operators.licences;
  return (
    <section aria-label={said.grants} className="grid gap-3">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-[15px] font-semibold">{said.grants}</h2>
          <p className="max-w-prose text-[13px] text-soft">{said.grantsLead}</p>
        </div>
        <Button onClick={() => setRecording(true)}>
          <Plus className="size-4" aria-hidden />
          {said.record}
        </Button>
      </div>
      {grants.isPending && (
        <Loading>
          <Skeleton className="h-16" />
        </Loading>
      )}
      {grants.error && <Failed error={grants.error} onRetry={() => grants.refetch()} />}
      {grants.data?.grants.length === 0 && <p className="text-soft">{said.noGrants}</p>}
      <ul className="divide-y divide-line">
        {grants.data?.grants.map((grant) => (
          <Grant key={grant.grant_id} of={grant} />
        ))}
      </ul>
      {recording && <GrantDialog licences={licences} onClose={() => setRecording(false)} />}
    </section>
  );
}

function Grant({ of }: { of: GrantBody }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const said = texts.operators.licences;
  const revoked = () => {
    setAsking(false);
    client.invalidateQueries({ queryKey: ["licences"] });
    toast(said.revoked);
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="truncate font-medium" dir="auto">
          {of.reference}
        </p>
        <p className="text-[13px] text-soft">
          {of.licence ?? of.component} · {of.purposes.map((one) => said.purposes[one]).join(", ")} ·{" "}
          {of.space ?? said.everywhere} · {said.since} {dayOf(of.since)}{" "}
          {of.until ? `${said.until} ${dayOf(of.until)}` : said.forEver}
        </p>
      </div>
      <Badge tone={TONES[of.state]}>{said.states[of.state]}</Badge>
      {(of.state === "active" || of.state === "planned") && (
        <Button size="small" look="danger" onClick={() => setAsking(true)}>
          {said.revoke}
        </Button>
      )}
      {asking && (
        <Confirm
          title={said.revokeTitle(of.reference)}
          action={said.revoke}
          run={() => revokeGrant(of.grant_id)}
          onDone={revoked}
          onClose={() => setAsking(false)}
        >
          {said.revokeLead}
        </Confirm>
      )}
    </li>
  );
}
