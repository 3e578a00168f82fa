import type { VersionBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { entryQuery, isKind, type Kind, versionsQuery } from "@/api/library";
import { NotFound } from "@/app/Crashed";
import { buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Failed, Loading } from "@/parts/states";
import { Tabs } from "@/parts/Tabs";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { textOf } from "./body";
import { Content } from "./content/Content";
import { Diff } from "./Diff";
import { History } from "./History";
import { ENTRY_TABS, type EntrySearch } from "./search";
import { Try } from "./Try";
import { Versions } from "./Versions";

export function EntryScreen() {
  const { kind, entryId } = useParams({ from: "/studio/app/library/$kind/$entryId" });
  return isKind(kind) ? <Entry key={`${kind}/${entryId}`} kind={kind} id={entryId} /> : <NotFound />;
}

function Entry({ kind, id }: { kind: Kind; id: string }) {
  const search = useSearch({ from: "/studio/app/library/$kind/$entryId" });
  const entry = useQuery(entryQuery(kind, id, search.version));
  const versions = useQuery(versionsQuery(kind, id));
  const mayChange = useHasRole("brand_engineer");
  const error = versions.error ?? entry.error;
  const name = (entry.data && textOf(entry.data.body.name)) || id;
  const retry = () => {
    versions.refetch();
    entry.refetch();
  };
  return (
    <Page
      title={name}
      lead={<span className="font-mono text-xs">{id}</span>}
      actions={
        mayChange &&
        versions.data && (
          <Link
            to={kind === "loras" ? "/app/library/add/$kind" : "/app/library/$kind/$entryId/edit"}
            params={{ kind, entryId: id }}
            search={kind === "loras" ? { id } : {}}
            className={buttonLook({ look: "primary" })}
          >
            <Pencil className="size-4" aria-hidden />
            {texts.makers.edit}
          </Link>
        )
      }
    >
      {error && <Failed error={error} onRetry={retry} />}
      {!error && !(versions.data && entry.data) && <Loading />}
      {!error && versions.data && entry.data && (
        <Views
          kind={kind}
          id={id}
          name={name}
          search={search}
          versions={versions.data.versions}
          mayChange={mayChange}
        />
      )}
    </Page>
  );
}

export interface ViewProps {
  kind: Kind;
  id: string;
  name: string;
  versions: readonly VersionBody[];
  mayChange: boolean;
}

function Views({ search, ...of }: ViewProps & { search: EntrySearch }) {
  const navigate = useNavigate({ from: "/app/library/$kind/$entryId" });
  const look = (now: EntrySearch) => navigate({ search: (before) => ({ ...before, ...now }), replace: true });
  const contents = {
    content: <Content {...of} version={search.version} onVersion={(version) => look({ version })} />,
    versions: <Versions {...of} />,
    diff: <Diff {...of} from={search.from} to={search.to} onChoose={(from, to) => look({ from, to })} />,
    try: <Try {...of} />,
    history: <History kind={of.kind} id={of.id} />,
  };
  return (
    <Tabs
      label={of.name}
      value={search.tab ?? "content"}
      onChange={(tab) => look({ tab })}
      tabs={ENTRY_TABS.map((tab) => ({ value: tab, label: texts.makers.tabs[tab], content: contents[tab] }))}
    />
  );
}
