import type { ModelLoad, Work } from "@/api/operations";
import { duration } from "@/parts/dates";
import { texts } from "@/texts";

/** How much there is to do for each model, in seconds as plans predict them. */
export function Models({ models }: { models: readonly ModelLoad[] }) {
  const said = texts.operators.running;
  if (models.length === 0) return <p className="text-soft">{said.none}</p>;
  const most = Math.max(1, ...models.map((one) => secondsOf(one.queued) + secondsOf(one.running)));
  return (
    <ul className="grid gap-6">
      {models.map((one) => (
        <li key={one.deployment} className="grid gap-2">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <p className="font-medium break-all">
              {one.model ?? one.deployment}
              {one.loras && one.loras.length > 0 && (
                <span className="font-normal text-soft"> + {one.loras.join(", ")}</span>
              )}
            </p>
            <p className="text-[13px] text-soft">
              {said.start.toLowerCase()}{" "}
              {one.cold_start_seconds === null ? said.unknown : duration(one.cold_start_seconds)}
              {one.last_load_seconds !== null && ` (${said.lastStart(duration(one.last_load_seconds))})`}
              {one.memory_gb !== null && ` · ${said.gb(one.memory_gb)}`}
            </p>
          </div>
          <div aria-hidden className="flex h-2 overflow-hidden rounded-full bg-well">
            <span className="bg-accent" style={{ width: `${(100 * secondsOf(one.running)) / most}%` }} />
            <span className="bg-edge" style={{ width: `${(100 * secondsOf(one.queued)) / most}%` }} />
          </div>
          <dl className="flex flex-wrap gap-x-8 gap-y-1 text-[13px]">
            <Amount label={said.drawing} dot="bg-accent" work={one.running} />
            <Amount label={said.waiting} dot="bg-edge" work={one.queued} />
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Amount({ label, dot, work }: { label: string; dot: string; work: Work | null }) {
  const said = texts.operators.running;
  return (
    <div className="flex items-center gap-2">
      <span aria-hidden className={`size-2 rounded-full ${dot}`} />
      <dt className="text-soft">{label}</dt>
      <dd className="tabular-nums">
        {work === null && said.unknown}
        {work &&
          (work.jobs === 0 ? said.nothing : `${duration(work.seconds)} (${said.jobs(work.jobs, work.pictures)})`)}
      </dd>
    </div>
  );
}

const secondsOf = (work: Work | null) => work?.seconds ?? 0;
