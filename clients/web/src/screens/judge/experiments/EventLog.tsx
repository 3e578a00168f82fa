import type { ExperimentEventBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { experimentEventsQuery } from "@/api/experiments";
import { Moment } from "@/parts/dates";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { Named } from "@/session/Named";
import { texts } from "@/texts";

/** Who did what, and why; the newest first. */
export function EventLog({ id }: { id: string }) {
  const words = texts.judge.experiments.log;
  const events = useQuery(experimentEventsQuery(id));
  if (events.error && !events.data) return <Failed error={events.error} onRetry={events.refetch} />;
  if (!events.data) {
    return (
      <Loading>
        <Skeleton className="h-14" />
        <Skeleton className="h-14" />
      </Loading>
    );
  }
  const newest = events.data.events.toReversed();
  if (newest.length === 0) return <Empty title={words.none} />;
  return (
    <ol className="grid">
      {newest.map((event) => (
        <li
          key={event.seq}
          className="grid gap-x-6 border-b border-line py-2.5 last:border-0 sm:grid-cols-[9.5rem_1fr]"
        >
          <Moment at={event.at} className="text-[13px] text-soft tabular-nums" />
          <div>
            <p>
              <span className="font-semibold">{words.types[event.type]}</span>{" "}
              <span className="text-soft">
                <Named id={event.actor} />
              </span>
            </p>
            {event.reason && <p dir="auto">{event.reason}</p>}
            <Change event={event} />
          </div>
        </li>
      ))}
    </ol>
  );
}

/** What was before and is now, where that is told; and what a guardrail read. */
function Change({ event: { before, after, told } }: { event: ExperimentEventBody }) {
  const changed = Object.entries(after)
    .filter(([name, value]) => isPlain(value) && value !== before[name])
    .map(([name, value]) => (isPlain(before[name]) ? `${name}: ${before[name]} → ${value}` : `${name}: ${value}`));
  const read = Object.entries(told).flatMap(([name, value]) => (isPlain(value) ? [`${name}: ${value}`] : []));
  const said = [...changed, ...read].join(", ");
  return said ? <p className="text-[13px] text-soft">{said}</p> : null;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";
