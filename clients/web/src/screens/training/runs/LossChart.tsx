import { type RefObject, useEffect, useRef, useState } from "react";
import type { Training } from "@/api/trainings";
import { texts } from "@/texts";
import { heldOut, learned, least, lossText, type Point, pathOf, scaleOf, smoothed } from "./curve";

const said = texts.training.one;
const HEIGHT = 240;
const [LEFT, BOTTOM, TOP, RIGHT] = [48, 26, 8, 12];

/** Loss by step: of what it learns from, as measured and without its noise, and of held-out pictures. */
export function LossChart({ training }: { training: Training }) {
  const points = learned(training.losses);
  if (points.length === 0) return <p className="text-[13px] text-soft">{said.noLoss}</p>;
  return <Chart points={points} held={heldOut(training.checkpoints)} steps={training.steps} />;
}

interface ChartProps {
  points: readonly Point[];
  held: readonly Point[];
  steps: number;
}

function Chart({ points, held, steps }: ChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  const last = points.at(-1);
  const scale = scaleOf([...points, ...held], steps, width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
  const best = least(held);
  const spoken =
    (last ? said.chart(last.step, lossText(last.loss)) : "") +
    (best ? said.chartHeldOut(best.step, lossText(best.loss)) : "");
  const near = at === null ? null : nearest(points, at);
  return (
    <figure ref={figure} className="grid min-w-0 gap-2">
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={spoken}
        className="w-full overflow-visible text-xs"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const x = ((event.clientX - box.left) / box.width) * width - LEFT;
          setAt((x / (width - LEFT - RIGHT)) * steps);
        }}
        onPointerLeave={() => setAt(null)}
      >
        <g transform={`translate(${LEFT} ${TOP})`} fill="none" strokeLinejoin="round" strokeLinecap="round">
          {scale.ticks.y.map((loss) => (
            <g key={loss}>
              <line x1="0" x2={width - LEFT - RIGHT} y1={scale.y(loss)} y2={scale.y(loss)} className="stroke-line" />
              <text x="-10" y={scale.y(loss) + 4} textAnchor="end" className="fill-soft tabular-nums">
                {loss}
              </text>
            </g>
          ))}
          {scale.ticks.x.map((step) => (
            <text
              key={step}
              x={scale.x(step)}
              y={HEIGHT - TOP - 6}
              textAnchor="middle"
              className="fill-soft tabular-nums"
            >
              {step}
            </text>
          ))}
          <path d={pathOf(points, scale)} className="stroke-accent opacity-25" strokeWidth="1.25" />
          <path d={pathOf(smoothed(points), scale)} className="stroke-accent" strokeWidth="2.25" />
          <path d={pathOf(held, scale)} className="stroke-good" strokeWidth="2" strokeDasharray="5 4" />
          {held.map((one) => (
            <circle key={one.step} cx={scale.x(one.step)} cy={scale.y(one.loss)} r="3.5" className="fill-good" />
          ))}
          {near && (
            <line
              x1={scale.x(near.step)}
              x2={scale.x(near.step)}
              y1="0"
              y2={HEIGHT - TOP - BOTTOM}
              className="stroke-edge"
            />
          )}
        </g>
      </svg>
      <figcaption className="flex min-h-5 flex-wrap items-center gap-x-5 gap-y-1 text-xs text-soft">
        <Mark className="border-accent">{said.training}</Mark>
        {held.length > 0 && <Mark className="border-dashed border-good">{said.heldOut}</Mark>}
        {near && (
          <span className="ml-auto tabular-nums">
            {said.step} {near.step}: {lossText(near.loss)}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function Mark({ className, children }: { className: string; children: string }) {
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className={`w-5 border-t-2 ${className}`} />
      {children}
    </span>
  );
}

const nearest = (points: readonly Point[], step: number): Point | null =>
  points.reduce<Point | null>(
    (best, one) => (best === null || Math.abs(one.step - step) < Math.abs(best.step - step) ? one : best),
    null,
  );

/** How wide it is on the page, in CSS pixels, so that what is written in it is as large as all else. */
function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const element = of.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, entry?.contentRect.width ?? 640)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  return width;
}
