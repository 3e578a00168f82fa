import type { WebhookBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { webhookQuery } from "@/api/webhooks";
import { Badge } from "@/parts/Badge";
import { buttonLook } from "@/parts/Button";
import { minuteOf } from "@/parts/dates";
import { Facts } from "@/parts/Facts";
import { Page } from "@/parts/Page";
import { Failed, Loading } from "@/parts/states";
import { texts } from "@/texts";
import { Deliveries } from "./Deliveries";
import { nameOf, reasonsOf, standingOf } from "./standing";
import { WebhookActions } from "./WebhookActions";

const said = texts.webhooks;
const route = getRouteApi("/studio/app/me/webhooks/$webhookId");

/** One webhook: how it stands, what can be done with it, and what it was told. */
export function WebhookScreen() {
  const { webhookId } = route.useParams();
  const webhook = useQuery(webhookQuery(webhookId));
  return (
    <Page
      title={webhook.data ? nameOf(webhook.data) : said.title}
      actions={
        <Link to="/app/me/webhooks" className={buttonLook({ look: "quiet" })}>
          <ArrowLeft className="size-4" aria-hidden />
          {said.back}
        </Link>
      }
    >
      {webhook.isPending && <Loading />}
      {webhook.error && <Failed error={webhook.error} onRetry={() => webhook.refetch()} />}
      {webhook.data && (
        <div className="grid gap-8">
          <Standing of={webhook.data} />
          <WebhookActions of={webhook.data} />
          <Deliveries of={webhook.data} />
        </div>
      )}
    </Page>
  );
}

function Standing({ of }: { of: WebhookBody }) {
  const { text, tone } = standingOf(of);
  const { facts } = said;
  return (
    <div className="grid gap-4">
      <div className="grid justify-items-start gap-2">
        <Badge tone={tone}>{text}</Badge>
        {reasonsOf(of).map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </div>
      <Facts
        facts={[
          [facts.url, of.url],
          [facts.events, of.events.map((event) => said.events[event] ?? event).join(", ")],
          [facts.scope, said.scopes[of.scope]],
          [facts.prompts, of.include.includes("prompt") ? said.prompts.yes : said.prompts.no],
          [facts.made, minuteOf(of.created_at)],
        ]}
      />
    </div>
  );
}
