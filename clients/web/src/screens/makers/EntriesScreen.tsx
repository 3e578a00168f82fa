import type { EntrySummary } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { BookDashed, ChevronRight, Plus } from "lucide-react";
import { entriesQuery, isKind, type Kind } from "@/api/library";
import { NotFound } from "@/app/Crashed";
import { Badge } from "@/parts/Badge";
import { buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { MarkBadge } from "./Marks";
import { Swatches } from "./Swatches";

export function EntriesScreen() {
  const { kind } = useParams({ from: "/studio/app/library/$kind" });
  return isKind(kind) ? <Entries key={kind} kind={kind} /> : <NotFound />;
}

function Entries({ kind }: { kind: Kind }) {
  const entries = useQuery(entriesQuery(kind));
  const mayChange = useHasRole("brand_engineer");
  const said = texts.makers.kinds[kind];
  const add = mayChange && (
    <Link to="/app/library/add/$kind" params={{ kind }} className={buttonLook({ look: "primary" })}>
      <Plus className="size-4" aria-hidden />
      {said.add}
    </Link>
  );
  return (
    <Page title={said.title} lead={mayChange ? said.lead : `${said.lead} ${texts.makers.mayLook}`} actions={add}>
      {entries.isPending && (
        <Loading>
          {[1, 2, 3].map((row) => (
            <Skeleton key={row} className="h-17" />
          ))}
        </Loading>
      )}
      {entries.error && <Failed error={entries.error} onRetry={() => entries.refetch()} />}
      {entries.data?.entries.length === 0 && (
        <Empty icon={<BookDashed aria-hidden />} title={said.title} action={add}>
          {said.empty}
        </Empty>
      )}
      {entries.data && entries.data.entries.length > 0 && (
        <ul className="overflow-hidden rounded-2xl border border-line bg-sheet">
          {entries.data.entries.map((entry) => (
            <Row key={entry.id} kind={kind} entry={entry} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ kind, entry }: { kind: Kind; entry: EntrySummary }) {
  const ahead = entry.marks.every((mark) => mark.version !== entry.newest);
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/app/library/$kind/$entryId"
        params={{ kind, entryId: entry.id }}
        className="flex min-h-17 flex-wrap items-center gap-x-5 gap-y-2 px-5 py-3 -outline-offset-2 hover:bg-well"
      >
        <span className="grid min-w-40 flex-1">
          <span className="truncate font-semibold" dir="auto">
            {entry.name}
          </span>
          <span className="truncate font-mono text-xs text-soft">{entry.id}</span>
        </span>
        {kind === "brand-kits" && <Swatches kit={entry.id} />}
        <span className="flex flex-wrap items-center gap-2">
          {entry.problem && (
            <Badge tone="bad" title={entry.problem}>
              {texts.makers.problem}
            </Badge>
          )}
          {entry.marks.length === 0 && <Badge>{texts.makers.noMark}</Badge>}
          {entry.marks.map((mark) => (
            <MarkBadge key={mark.mark} mark={mark.mark} version={mark.version} />
          ))}
          {ahead && <span className="text-xs text-soft">{texts.makers.newest(entry.newest)}</span>}
          <ChevronRight className="size-4 text-soft" aria-hidden />
        </span>
      </Link>
    </li>
  );
}
