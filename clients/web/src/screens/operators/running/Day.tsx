import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Figures, figuresQuery, type Hour } from "@/api/figures";
import { duration } from "@/parts/dates";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { Bars } from "./Bars";
import { barsOf, outcomesOf, sum } from "./bars";

/** The last 24 hours: how long people waited, how their jobs stand, and what drawing took. */
export function Day() {
  const figures = useQuery(figuresQuery);
  if (figures.isPending)
    return (
      <Loading>
        <div className="grid gap-8 sm:grid-cols-3">
          {[1, 2, 3].map((chart) => (
            <Skeleton key={chart} className="h-32" />
          ))}
        </div>
      </Loading>
    );
  if (!figures.data) return <Failed error={figures.error} onRetry={() => figures.refetch()} />;
  return <Charts of={figures.data} />;
}

function Charts({ of }: { of: Figures }) {
  const said = texts.operators.day;
  const { hours } = of;
  const outcomes = outcomesOf(hours);
  const jobs = sum(Object.values(outcomes));
  if (jobs === 0) return <p className="text-soft">{said.none}</p>;
  const seconds = sum(hours.map((hour) => hour.drawing_seconds));
  const costs = of.drawn.flatMap((one) => one.cost ?? []);
  return (
    <>
      <div className="grid gap-x-8 gap-y-6 sm:grid-cols-3">
        <Chart
          title={said.waits}
          figure={of.wait_p95 === null ? said.nobody : duration(of.wait_p95)}
          note={of.wait_p50 === null ? "" : said.half(duration(of.wait_p50))}
        >
          <Bars
            label={said.waitsChart}
            looks={["bg-accent", "bg-accent/35"]}
            bars={barsOf(hours, waitsOf, (hour) => said.waitsAt(clockOf(hour), ...waitTexts(hour)))}
          />
        </Chart>
        <Chart title={said.jobs} figure={jobs.toLocaleString("en")} note={said.outcomes(outcomes)}>
          <Bars
            label={said.jobsChart}
            looks={["bg-bad", "bg-line", "bg-edge"]}
            bars={barsOf(hours, jobsOf, (hour) => said.jobsAt(clockOf(hour), sum(jobsOf(hour)), hour.failed))}
          />
        </Chart>
        <Chart
          title={said.drawing}
          figure={duration(seconds)}
          note={costs.length > 0 ? said.cost(sum(costs), of.currency) : said.planned}
        >
          <Bars
            label={said.drawingChart}
            looks={["bg-accent"]}
            bars={barsOf(
              hours,
              (hour) => [hour.drawing_seconds],
              (hour) => said.drawingAt(clockOf(hour), duration(hour.drawing_seconds)),
            )}
          />
        </Chart>
      </div>
      {of.partial && <p className="mt-4 text-[13px] text-soft">{said.partial}</p>}
    </>
  );
}

interface ChartProps {
  title: string;
  figure: string;
  note: string;
  children: ReactNode;
}

function Chart({ title, figure, note, children }: ChartProps) {
  return (
    <figure className="grid content-start gap-1">
      <figcaption className="grid gap-0.5">
        <span className="text-[13px] text-soft">{title}</span>
        <span className="text-xl font-medium tabular-nums">{figure}</span>
        <span className="min-h-5 text-[13px] text-soft">{note}</span>
      </figcaption>
      {children}
      <p aria-hidden className="flex justify-between text-xs text-soft">
        <span>{texts.operators.day.begin}</span>
        <span>{texts.operators.day.now}</span>
      </p>
    </figure>
  );
}

/** The half that waited less, and what nineteen of twenty waited beyond that. */
const waitsOf = (hour: Hour) => [hour.wait_p50 ?? 0, (hour.wait_p95 ?? 0) - (hour.wait_p50 ?? 0)];
const waitTexts = (hour: Hour) => [duration(hour.wait_p50 ?? 0), duration(hour.wait_p95 ?? 0)] as const;
const jobsOf = (hour: Hour) => [hour.failed, hour.canceled + hour.unfinished, hour.complete];
const clockOf = (hour: Hour) => `${String(new Date(hour.at).getHours()).padStart(2, "0")}:00`;
