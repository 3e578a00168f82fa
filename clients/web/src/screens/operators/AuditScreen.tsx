import type { AuditLineBody } from "@openapi";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { type AuditFilter, auditLines, auditQuery } from "@/api/audit";
import { Button } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { saveBlob } from "@/parts/download";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import { AuditFilterForm } from "./AuditFilterForm";
import { toldOf } from "./told";

/** Who changed what, newest first. */
export function AuditScreen() {
  const filter = useSearch({ from: "/studio/app/operations/audit" });
  const navigate = useNavigate({ from: "/app/operations/audit" });
  const audit = useInfiniteQuery(auditQuery(filter));
  const exporting = useMutation({ mutationFn: async () => saveBlob(await auditLines(filter), "audit.jsonl") });
  const said = texts.operators.audit;
  const lines = audit.data?.pages.flatMap((page) => page.lines);
  return (
    <Page
      title={said.title}
      lead={said.lead}
      actions={
        <Button disabled={exporting.isPending} onClick={() => exporting.mutate()}>
          <Download className="size-4" aria-hidden />
          {said.export}
        </Button>
      }
    >
      <AuditFilterForm
        key={JSON.stringify(filter)}
        filter={filter}
        onChange={(search: AuditFilter) => navigate({ search })}
      />
      <Refusal error={exporting.error} className="mb-4" />
      {audit.isPending && (
        <Loading>
          {[1, 2, 3, 4].map((row) => (
            <Skeleton key={row} className="h-14" />
          ))}
        </Loading>
      )}
      {audit.error && <Failed error={audit.error} onRetry={() => audit.refetch()} />}
      {lines?.length === 0 && <Empty title={said.none} />}
      <ol className="divide-y divide-line">
        {lines?.map((line) => (
          <Line key={line.seq} of={line} />
        ))}
      </ol>
      {audit.hasNextPage && (
        <Button className="mt-4" disabled={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
          {said.more}
        </Button>
      )}
    </Page>
  );
}

function Line({ of }: { of: AuditLineBody }) {
  const said = texts.operators.audit;
  const told = toldOf(of.told);
  return (
    <li className="grid gap-x-6 gap-y-1 py-3.5 sm:grid-cols-[8.5rem_minmax(0,1fr)]">
      <p className="text-[13px] text-soft tabular-nums">
        <Moment at={of.at} />
      </p>
      <div className="grid min-w-0 gap-1">
        <p className="break-words" dir="auto">
          <span className="font-medium">{of.sentence}</span>
          <span className="text-soft">
            {": "}
            {of.on.kind}/{of.on.id}
          </span>
        </p>
        {told.length > 0 && (
          <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-[13px]">
            {told.map(([name, value]) => (
              <div key={name} className="flex min-w-0 gap-1.5">
                <dt className="text-soft">{name}</dt>
                <dd className="break-all" dir="auto">
                  {value}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <p className="text-xs text-soft">
          <Named id={of.who} /> · {said.how} {of.how} · <code>{of.action}</code> · {said.number.toLowerCase()} {of.seq}
          {of.request_id && (
            <>
              {" · "}
              {said.request.toLowerCase()} <code className="break-all">{of.request_id}</code>
            </>
          )}
        </p>
      </div>
    </li>
  );
}
