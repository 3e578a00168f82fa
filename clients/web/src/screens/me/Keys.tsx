import type { KeyBody } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { keysQuery, revokeKey } from "@/api/keys";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { dayOf } from "@/parts/dates";
import { Section } from "@/parts/Section";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { NewKey } from "./NewKey";
import { endOf } from "./scopes";

export function Keys() {
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  return (
    <Section
      title={texts.me.keys.title}
      lead={texts.me.keys.lead}
      actions={
        <Button onClick={() => setMaking(true)}>
          <Plus className="size-4" aria-hidden />
          {texts.me.keys.create}
        </Button>
      }
    >
      {keys.isPending && (
        <Loading>
          <Skeleton className="h-14" />
        </Loading>
      )}
      {keys.error && <Failed error={keys.error} onRetry={() => keys.refetch()} />}
      {keys.data && <KeyList keys={keys.data.keys} />}
      {making && <NewKey onClose={() => setMaking(false)} />}
    </Section>
  );
}

function KeyList({ keys }: { keys: readonly KeyBody[] }) {
  const now = Date.now();
  const good = keys.filter((key) => endOf(key, now) === null);
  const ended = keys.filter((key) => endOf(key, now) !== null);
  return (
    <div className="grid gap-3">
      {good.length === 0 && <p className="text-soft">{texts.me.keys.none}</p>}
      <ul className="divide-y divide-line">
        {good.map((key) => (
          <Key key={key.id} of={key} />
        ))}
      </ul>
      {ended.length > 0 && (
        <details>
          <summary className="min-h-6 text-[13px] text-soft">{texts.me.keys.ended(ended.length)}</summary>
          <ul className="mt-2 divide-y divide-line">
            {ended.map((key) => (
              <Key key={key.id} of={key} end={endOf(key, now)} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Key({ of, end = null }: { of: KeyBody; end?: "revoked" | "expired" | null }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const revoked = () => {
    setAsking(false);
    toast(texts.me.keys.revokedToast(of.name));
    client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  return (
    <li className="flex items-center gap-4 py-3 first:pt-0">
      <KeyRound className="size-4.5 shrink-0 text-soft" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" dir="auto">
          {of.name}
        </p>
        <p className="text-[13px] text-soft">
          {of.scopes.join(", ")} · {texts.me.keys.expires} {dayOf(of.expires_at)} ·{" "}
          {of.used_at ? `${texts.me.keys.used} ${dayOf(of.used_at)}` : texts.me.keys.never}
        </p>
      </div>
      {end === null ? (
        <Button size="small" look="danger" onClick={() => setAsking(true)}>
          {texts.me.keys.revoke}
          <span className="sr-only">{of.name}</span>
        </Button>
      ) : (
        <Badge>{texts.me.keys[end]}</Badge>
      )}
      {asking && (
        <Confirm
          title={texts.me.keys.revokeTitle(of.name)}
          action={texts.me.keys.revoke}
          run={() => revokeKey(of.id)}
          onDone={revoked}
          onClose={() => setAsking(false)}
        >
          {texts.me.keys.revokeLead}
        </Confirm>
      )}
    </li>
  );
}
