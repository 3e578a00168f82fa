import type { DeliveryBody, WebhookBody } from "@openapi";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { deliveriesQuery, replayDelivery, replayFailed } from "@/api/webhooks";
import { Badge, type Tone } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { duration, Moment, minuteOf } from "@/parts/dates";
import { Select } from "@/parts/Field";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

const said = texts.webhooks.deliveries;
const STATES = ["pending", "waiting", "delivered", "failed"] as const;
const TONES: Record<DeliveryBody["state"], Tone> = {
  pending: "accent",
  waiting: "plain",
  delivered: "good",
  failed: "bad",
};
const SPANS = { day: 1, week: 7, month: 30 } as const;
const DAY_MS = 86_400_000;

/** What a webhook was told and is to be, with each attempt; what failed is sent again from here. */
export function Deliveries({ of }: { of: WebhookBody }) {
  const [state, setState] = useState<DeliveryBody["state"] | null>(null);
  const deliveries = useInfiniteQuery(deliveriesQuery(of.id, state));
  const all = deliveries.data?.pages.flatMap((page) => page.deliveries);
  return (
    <section aria-label={said.title} className="grid gap-3">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-base font-semibold">{said.title}</h2>
          <p className="text-[13px] text-soft">{said.lead}</p>
        </div>
        <Select
          aria-label={said.show}
          className="w-36"
          value={state ?? ""}
          onChange={(event) => setState((event.currentTarget.value || null) as typeof state)}
        >
          <option value="">{said.states.all}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {said.states[one]}
            </option>
          ))}
        </Select>
      </div>
      {of.enabled && <FailedAgain id={of.id} />}
      {deliveries.isPending && (
        <Loading>
          <Skeleton className="h-12" />
        </Loading>
      )}
      {deliveries.error && <Failed error={deliveries.error} onRetry={() => deliveries.refetch()} />}
      {all?.length === 0 && <p className="text-soft">{said.none}</p>}
      <ul className="divide-y divide-line">
        {all?.map((one) => (
          <Delivery key={one.id} webhook={of} of={one} />
        ))}
      </ul>
      {deliveries.hasNextPage && (
        <Button
          className="justify-self-start"
          disabled={deliveries.isFetchingNextPage}
          onClick={() => deliveries.fetchNextPage()}
        >
          {texts.common.more}
        </Button>
      )}
    </section>
  );
}

/** After an outage of the receiver. */
function FailedAgain({ id }: { id: string }) {
  const client = useQueryClient();
  const [span, setSpan] = useState<keyof typeof SPANS>("day");
  const sending = useMutation({
    mutationFn: () => replayFailed(id, new Date(Date.now() - SPANS[span] * DAY_MS)),
    onSuccess: ({ replayed }) => {
      toast(said.sent(replayed));
      client.invalidateQueries({ queryKey: ["webhooks", "deliveries", id] });
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button size="small" disabled={sending.isPending} onClick={() => sending.mutate()}>
        {said.allFailed}
      </Button>
      <Select
        aria-label={said.since}
        className="h-8 w-40 py-1"
        value={span}
        onChange={(event) => setSpan(event.currentTarget.value as keyof typeof SPANS)}
      >
        {(Object.keys(SPANS) as (keyof typeof SPANS)[]).map((one) => (
          <option key={one} value={one}>
            {`${said.since} ${said.spans[one]}`}
          </option>
        ))}
      </Select>
      <Refusal error={sending.error} />
    </div>
  );
}

function Delivery({ webhook, of }: { webhook: WebhookBody; of: DeliveryBody }) {
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => replayDelivery(webhook.id, of.id),
    onSuccess: () => {
      toast(said.againToast);
      client.invalidateQueries({ queryKey: ["webhooks", "deliveries", webhook.id] });
    },
  });
  const ended = of.state === "delivered" || of.state === "failed";
  return (
    <li className="grid gap-2 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px]">
        <Badge tone={TONES[of.state]}>{said.states[of.state]}</Badge>
        <code>{of.type}</code>
        <Moment at={of.at} className="text-soft tabular-nums" />
        {of.type.startsWith("job.") && (
          <Link
            to="/app/jobs/$jobId"
            params={{ jobId: of.subject }}
            className="text-accent underline-offset-2 hover:underline"
          >
            {said.job}
          </Link>
        )}
        {of.state === "pending" && <span className="text-soft">{said.due(minuteOf(of.due_at))}</span>}
        {ended && webhook.enabled && (
          <Button size="small" className="ml-auto" disabled={again.isPending} onClick={() => again.mutate()}>
            {said.again}
            <span className="sr-only">{`${of.type} ${minuteOf(of.at)}`}</span>
          </Button>
        )}
      </div>
      <Refusal error={again.error} />
      {of.attempts.length > 0 && <Attempts of={of.attempts} />}
    </li>
  );
}

function Attempts({ of }: { of: DeliveryBody["attempts"] }) {
  return (
    <details className="text-[13px]">
      <summary className="min-h-6 text-soft hover:text-ink">{said.attempts(of.length)}</summary>
      <ol className="mt-1 grid gap-1.5">
        {of.map((one) => (
          <li key={one.at} className="grid gap-1 rounded-lg bg-well px-3 py-2 break-words">
            <span>
              <Moment at={one.at} /> · {one.status == null ? said.unanswered : said.answered(one.status)} ·{" "}
              {duration(one.seconds)}
              {one.error && ` · ${one.error}`}
            </span>
            {one.answer && <code className="text-xs whitespace-pre-wrap text-soft">{one.answer}</code>}
          </li>
        ))}
      </ol>
    </details>
  );
}
