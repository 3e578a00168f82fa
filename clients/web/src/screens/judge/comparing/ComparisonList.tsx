import type { BatchLine } from "@openapi";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { Badge, type Tone } from "@/parts/Badge";
import { Moment } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";

const TONE: Record<BatchLine["status"], Tone> = {
  queued: "plain",
  processing: "accent",
  complete: "good",
  canceled: "plain",
};

/** Comparisons as rows, each the way to its pictures. */
export function ComparisonList({ comparisons }: { comparisons: readonly BatchLine[] }) {
  const words = texts.judge.comparing;
  return (
    <ul className="overflow-hidden rounded-xl border border-line bg-sheet">
      {comparisons.map((one) => (
        <li key={one.batch_id} className="border-b border-line last:border-0">
          <Link
            to="/app/compare-ways/$comparisonId"
            params={{ comparisonId: one.batch_id }}
            className="flex items-center gap-4 px-4 py-3 outline-offset-[-2px] hover:bg-well/60"
          >
            <span className="min-w-0 flex-1">
              <span className="line-clamp-1 font-semibold" dir="auto">
                {one.name || words.unnamed}
              </span>
              <span className="text-[13px] text-soft">
                {words.pictures(one.pictures)}, <Moment at={one.created_at} />
              </span>
            </span>
            {one.status === "processing" && (
              <Progress value={one.progress} label={words.progress} className="w-24 max-sm:hidden" />
            )}
            <Badge tone={TONE[one.status]}>{words.status[one.status]}</Badge>
            <ChevronRight className="size-4 shrink-0 text-soft" aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}
