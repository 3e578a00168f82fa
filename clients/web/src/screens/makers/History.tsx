import type { MoveBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { historyQuery, type Kind } from "@/api/library";
import { Moment } from "@/parts/dates";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import { nameOf } from "./Marks";

/** Who moved which mark from where to where, and why; the latest first. */
export function History({ kind, id }: { kind: Kind; id: string }) {
  const history = useQuery(historyQuery(kind, id));
  if (history.error) return <Failed error={history.error} onRetry={() => history.refetch()} />;
  if (!history.data)
    return (
      <Loading>
        <Skeleton className="h-24" />
      </Loading>
    );
  const moves = [...history.data.moves].sort((a, b) => b.seq - a.seq);
  if (moves.length === 0) return <p className="text-soft">{texts.makers.history.none}</p>;
  return (
    <ol className="grid gap-5 border-l border-line pl-5">
      {moves.map((move) => (
        <li key={move.seq} className="grid gap-0.5">
          <p className="font-medium">{sentenceOf(move)}</p>
          <p className="text-[13px] text-soft">
            <Moment at={move.at} /> {texts.makers.by} <Named id={move.by} />
          </p>
          {move.note && (
            <p className="break-words" dir="auto">
              {move.note}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

function sentenceOf({ mark, from_version, to_version }: MoveBody): string {
  const name = nameOf(mark);
  if (to_version === null) return texts.makers.history.taken(name, from_version ?? "");
  if (from_version === null) return texts.makers.history.set(name, to_version);
  return texts.makers.history.moved(name, from_version, to_version);
}
