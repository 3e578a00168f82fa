import { useQuery } from "@tanstack/react-query";
import { entryQuery, type Kind } from "@/api/library";
import { Moment } from "@/parts/dates";
import { Field, Select } from "@/parts/Field";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import type { Body } from "../body";
import type { ViewProps } from "../EntryScreen";
import { MarkBadge, nameOf } from "../Marks";
import { KitContent } from "./KitContent";
import { LoraContent } from "./LoraContent";
import { TypeContent } from "./TypeContent";

interface ContentProps extends ViewProps {
  version: string | undefined;
  onVersion: (version: string) => void;
}

/** What one version says. */
export function Content({ kind, id, versions, version, onVersion }: ContentProps) {
  const entry = useQuery(entryQuery(kind, id, version));
  if (entry.error) return <Failed error={entry.error} onRetry={() => entry.refetch()} />;
  if (!entry.data)
    return (
      <Loading>
        <Skeleton className="h-64" />
      </Loading>
    );
  const { data } = entry;
  return (
    <div className="grid gap-6">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Field label={texts.makers.version}>
          {(given) => (
            <Select
              {...given}
              className="w-auto"
              value={data.version}
              onChange={(event) => onVersion(event.currentTarget.value)}
            >
              {versions.map((one) => (
                <option key={one.version} value={one.version}>
                  {[one.version, ...(one.marks ?? []).map(nameOf)].join(" · ")}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <p className="flex min-h-9 flex-wrap items-center gap-2 text-[13px] text-soft">
          {data.marks?.map((mark) => (
            <MarkBadge key={mark} mark={mark} />
          ))}
          <span>
            <Moment at={data.created_at} /> {texts.makers.by} {data.author}
          </span>
          {data.notes && <span dir="auto">· {data.notes}</span>}
        </p>
      </div>
      <BodyOf kind={kind} body={data.body} />
    </div>
  );
}

function BodyOf({ kind, body }: { kind: Kind; body: Body }) {
  if (kind === "brand-kits") return <KitContent body={body} />;
  if (kind === "asset-types") return <TypeContent body={body} />;
  return <LoraContent body={body} />;
}
