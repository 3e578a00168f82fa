import type { ChangeBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { diffQuery } from "@/api/library";
import { Badge } from "@/parts/Badge";
import { Field, Select } from "@/parts/Field";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import type { ViewProps } from "./EntryScreen";
import { nameOf } from "./Marks";
import { pairOf, shown } from "./pairs";

interface DiffProps extends ViewProps {
  from: string | undefined;
  to: string | undefined;
  onChoose: (from: string, to: string) => void;
}

/** What two versions say differently, field by field. */
export function Diff({ kind, id, versions, onChoose, ...said }: DiffProps) {
  const pair = pairOf(versions);
  if (!pair) return <p className="text-soft">{texts.makers.one}</p>;
  const [from, to] = [said.from ?? pair[0], said.to ?? pair[1]];
  const choices = versions.map((one) => (
    <option key={one.version} value={one.version}>
      {[one.version, ...(one.marks ?? []).map(nameOf)].join(" · ")}
    </option>
  ));
  return (
    <div className="grid gap-6">
      <div className="flex flex-wrap gap-4">
        <Field label={texts.makers.from}>
          {(given) => (
            <Select {...given} value={from} onChange={(event) => onChoose(event.currentTarget.value, to)}>
              {choices}
            </Select>
          )}
        </Field>
        <Field label={texts.makers.to}>
          {(given) => (
            <Select {...given} value={to} onChange={(event) => onChoose(from, event.currentTarget.value)}>
              {choices}
            </Select>
          )}
        </Field>
      </div>
      <Changes kind={kind} id={id} from={from} to={to} />
    </div>
  );
}

function Changes({ kind, id, from, to }: Pick<ViewProps, "kind" | "id"> & { from: string; to: string }) {
  const diff = useQuery(diffQuery(kind, id, from, to));
  if (diff.error) return <Failed error={diff.error} onRetry={() => diff.refetch()} />;
  if (!diff.data)
    return (
      <Loading>
        <Skeleton className="h-32" />
      </Loading>
    );
  if (diff.data.changes.length === 0) return <p className="text-soft">{texts.makers.same}</p>;
  return (
    <ul className="overflow-hidden rounded-2xl border border-line bg-sheet">
      {diff.data.changes.map((change) => (
        <Change key={change.field} change={change} />
      ))}
    </ul>
  );
}

const TONES = { added: "good", removed: "bad" } as const;

function Change({ change }: { change: ChangeBody }) {
  return (
    <li className="grid gap-2 border-b border-line px-5 py-4 last:border-b-0">
      <p className="flex items-center gap-2">
        <code className="text-[13px] font-semibold break-all">{change.field}</code>
        <Badge tone={TONES[change.change as keyof typeof TONES] ?? "plain"}>
          {texts.makers.changes[change.change] ?? change.change}
        </Badge>
      </p>
      <div className="grid gap-2 sm:grid-cols-2">
        {change.change !== "added" && (
          <Side label={texts.makers.from} value={change.before} other={change.after} tone="bg-bad-wash" />
        )}
        {change.change !== "removed" && (
          <Side label={texts.makers.to} value={change.after} other={change.before} tone="bg-good-wash" />
        )}
      </div>
    </li>
  );
}

interface SideProps {
  label: string;
  value: unknown;
  /** What stands at the other side; lines that are not there are made out. */
  other: unknown;
  tone: string;
}

function Side({ label, value, other, tone }: SideProps) {
  const lines = shown(value).split("\n");
  const known = shown(other).split("\n");

  return (
    <div className={`min-w-0 rounded-lg px-3 py-2 ${tone}`}>
      <p className="sr-only">{label}</p>
      <pre className="font-sans text-[13px] break-words whitespace-pre-wrap" dir="auto">
        {lines.map((line) => (
          <span key={line} className={lines.length > 1 && !known.includes(line) ? "block font-semibold" : "block"}>
            {line}
          </span>
        ))}
      </pre>
    </div>
  );
}
