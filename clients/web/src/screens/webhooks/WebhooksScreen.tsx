import type { WebhookBody, WebhookSecretBody } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Plus, Webhook } from "lucide-react";
import { useState } from "react";
import { createWebhook, webhooksQuery } from "@/api/webhooks";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { Secret } from "./Secret";
import { nameOf, reasonsOf, standingOf } from "./standing";
import { WebhookForm } from "./WebhookForm";

const said = texts.webhooks;

/** One's own webhooks, and a new one. */
export function WebhooksScreen() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const webhooks = useQuery(webhooksQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<WebhookSecretBody | null>(null);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus className="size-4" aria-hidden />
      {said.add}
    </Button>
  );
  return (
    <Page title={said.title} lead={said.lead} actions={add}>
      {webhooks.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </Loading>
      )}
      {webhooks.error && <Failed error={webhooks.error} onRetry={() => webhooks.refetch()} />}
      {webhooks.data?.webhooks.length === 0 && (
        <Empty icon={<Webhook aria-hidden />} title={said.none}>
          {said.noneLead}
        </Empty>
      )}
      <ul className="grid gap-3">
        {webhooks.data?.webhooks.map((one) => (
          <Row key={one.id} of={one} />
        ))}
      </ul>
      {adding && (
        <WebhookForm
          onClose={() => setAdding(false)}
          save={async (body) => {
            setMade(await createWebhook(body));
            setAdding(false);
            client.invalidateQueries({ queryKey: ["webhooks"] });
          }}
        />
      )}
      {made && (
        <Secret
          secret={made.secret}
          onClose={() => navigate({ to: "/app/me/webhooks/$webhookId", params: { webhookId: made.id } })}
        />
      )}
    </Page>
  );
}

function Row({ of }: { of: WebhookBody }) {
  const { text, tone } = standingOf(of);
  return (
    <li>
      <Link
        to="/app/me/webhooks/$webhookId"
        params={{ webhookId: of.id }}
        className="grid gap-1 rounded-2xl border border-line bg-sheet px-5 py-4 hover:border-edge"
      >
        <span className="flex flex-wrap items-center gap-3">
          <span className="min-w-0 flex-1 truncate font-semibold" dir="auto">
            {nameOf(of)}
          </span>
          <Badge tone={tone}>{text}</Badge>
        </span>
        {of.description && <span className="truncate text-[13px] text-soft">{of.url}</span>}
        {reasonsOf(of).map((reason) => (
          <span key={reason} className="text-[13px]">
            {reason}
          </span>
        ))}
      </Link>
    </li>
  );
}
