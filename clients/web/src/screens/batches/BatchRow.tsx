import type { BatchLine } from "@openapi";
import { Link } from "@tanstack/react-router";
import { Badge, type Tone } from "@/parts/Badge";
import { duration, Moment } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";

const TONE: Record<BatchLine["status"], Tone> = {
  queued: "plain",
  processing: "accent",
  complete: "good",
  canceled: "warn",
};

/** A batch in the list: how far it is, and the way to it. */
export function BatchRow({ batch }: { batch: BatchLine }) {
  return (
    <li>
      <Link
        to="/app/batches/$batchId"
        params={{ batchId: batch.batch_id }}
        className="grid gap-2 rounded-xl border border-line bg-sheet px-4 py-3 hover:border-edge"
      >
        <span className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span className="min-w-0 truncate font-medium" dir="auto">
            {batch.name || texts.batch.untitled}
          </span>
          <Moment at={batch.created_at} className="text-xs text-soft tabular-nums" />
        </span>
        <BatchState batch={batch} />
      </Link>
    </li>
  );
}

/** How a batch stands, in a line. */
export function BatchState({ batch }: { batch: BatchLine }) {
  const { counts } = batch;
  const done = (counts.complete ?? 0) + (counts.failed ?? 0) + (counts.canceled ?? 0);
  const running = batch.status === "processing" || batch.status === "queued";
  return (
    <span className="grid gap-2">
      <span className="flex flex-wrap items-center gap-2 text-[13px] text-soft">
        <Badge tone={TONE[batch.status]}>{texts.batch.status[batch.status]}</Badge>
        {texts.batch.counts({ done, all: batch.jobs, pictures: batch.pictures })}
        {(counts.failed ?? 0) > 0 && <span className="text-bad">{texts.batch.failed(counts.failed ?? 0)}</span>}
        {running && <span>{texts.batch.left(duration(batch.estimated_time_seconds))}</span>}
      </span>
      {running && <Progress value={batch.progress} label={texts.batch.detail.progress} />}
    </span>
  );
}
