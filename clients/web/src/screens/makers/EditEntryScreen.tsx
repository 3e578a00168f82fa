import type { EntryBody, VersionBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { entryQuery, isKind, type Kind, versionsQuery } from "@/api/library";
import { NotFound } from "@/app/Crashed";
import { Page } from "@/parts/Page";
import { Failed, Loading } from "@/parts/states";
import { texts } from "@/texts";
import { textOf } from "./body";
import { KitForm } from "./form/KitForm";
import { TypeForm } from "./form/TypeForm";

/** A form that makes the next version of an entry. It begins with the newest one. */
export function EditEntryScreen() {
  const { kind, entryId } = useParams({ from: "/studio/app/library/$kind/$entryId/edit" });
  if (!isKind(kind) || kind === "loras") return <NotFound />;
  return <Edit key={`${kind}/${entryId}`} kind={kind} id={entryId} />;
}

function Edit({ kind, id }: { kind: Kind; id: string }) {
  const versions = useQuery(versionsQuery(kind, id));
  const newest = versions.data?.versions[0];
  const entry = useQuery({ ...entryQuery(kind, id, newest?.version), enabled: newest !== undefined });
  const error = versions.error ?? entry.error;
  const name = entry.data ? textOf(entry.data.body.name) : id;
  return (
    <Page title={name} lead={texts.makers.edit}>
      {error && <Failed error={error} onRetry={() => versions.refetch()} />}
      {!error && !(entry.data && newest) && <Loading />}
      {entry.data && newest && <FormOf kind={kind} entry={entry.data} newest={newest} />}
    </Page>
  );
}

function FormOf({ kind, entry, newest }: { kind: Kind; entry: EntryBody; newest: VersionBody }) {
  const of = { id: entry.id, base: entry.body, newest: newest.version };
  return kind === "brand-kits" ? <KitForm {...of} /> : <TypeForm {...of} />;
}
