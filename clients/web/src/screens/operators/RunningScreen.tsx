import { useQuery } from "@tanstack/react-query";
import { CircleCheck, ExternalLink, TriangleAlert } from "lucide-react";
import { type Operations, operationsQuery } from "@/api/operations";
import { buttonLook } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Page } from "@/parts/Page";
import { Section } from "@/parts/Section";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { Day } from "./running/Day";
import { Deployments } from "./running/Deployments";
import { Gpus } from "./running/Gpus";
import { Models } from "./running/Models";

/** What runs where, how much there is to do, and what is wrong. */
export function RunningScreen() {
  const seen = useQuery(operationsQuery);
  const said = texts.operators.running;
  const { data } = seen;
  return (
    <Page
      title={said.title}
      lead={data ? said.lead(data.profile, data.version) : said.plainLead}
      actions={
        data?.dashboard && (
          <a href={data.dashboard} target="_blank" rel="noreferrer" className={buttonLook({ look: "plain" })}>
            {said.dashboard}
            <ExternalLink className="size-4" aria-hidden />
          </a>
        )
      }
    >
      {seen.isPending && (
        <Loading>
          <Skeleton className="h-10" />
          <Skeleton className="h-40" />
          <Skeleton className="h-40" />
        </Loading>
      )}
      {seen.error && !data && <Failed error={seen.error} onRetry={() => seen.refetch()} />}
      {data && <Overview of={data} />}
    </Page>
  );
}

function Overview({ of }: { of: Operations }) {
  const said = texts.operators.running;
  return (
    <>
      <ul className="mb-8 grid gap-3 sm:grid-cols-3">
        <Health good={of.ready} title={of.ready ? said.ready : said.notReady} />
        <Store name={said.database} {...of.stores.database} />
        <Store name={said.files} {...of.stores.files} />
      </ul>
      <Section title={said.work} lead={said.workLead}>
        <Models models={of.models} />
      </Section>
      <Section title={texts.operators.day.title} lead={texts.operators.day.lead}>
        <Day />
      </Section>
      <Section title={said.deployments} lead={said.deploymentsLead}>
        <Deployments deployments={of.deployments} />
      </Section>
      <Section title={said.gpus} lead={said.gpusLead}>
        <Gpus gpus={of.gpus} />
      </Section>
    </>
  );
}

const Store = ({ name, ok, detail }: { name: string; ok: boolean; detail?: string }) => (
  <Health
    good={ok}
    title={`${name}: ${ok ? texts.operators.running.reached : texts.operators.running.away}`}
    {...(detail ? { detail } : {})}
  />
);

function Health({ good, title, detail }: { good: boolean; title: string; detail?: string }) {
  const Icon = good ? CircleCheck : TriangleAlert;
  return (
    <li
      className={classes("flex gap-3 rounded-xl px-4 py-3", good ? "bg-good-wash text-good" : "bg-warn-wash text-warn")}
    >
      <Icon className="mt-0.5 size-4.5 shrink-0" aria-hidden />
      <div className="min-w-0 break-words">
        <p className="font-medium">{title}</p>
        {detail && <p className="text-[13px]">{detail}</p>}
      </div>
    </li>
  );
}
