import type { Mark } from "@/api/library";
import { Badge } from "@/parts/Badge";
import { texts } from "@/texts";

const isMark = (mark: string): mark is Mark => mark === "live" || mark === "candidate";

export const nameOf = (mark: string): string => (isMark(mark) ? texts.makers.marks[mark] : mark);

/** A mark as a badge; with the version that it stands on, where that is not said beside it. */
export function MarkBadge({ mark, version }: { mark: string; version?: string }) {
  return (
    <Badge
      tone={mark === "live" ? "good" : mark === "candidate" ? "warn" : "plain"}
      title={isMark(mark) ? texts.makers.markMeans[mark] : undefined}
    >
      {nameOf(mark)}
      {version && <span className="tabular-nums">{version}</span>}
    </Badge>
  );
}
