import type { QuotaBody } from "@openapi";
import { texts } from "@/texts";
import { duration, minuteOf } from "./dates";
import { Progress } from "./Progress";

type Field = keyof QuotaBody["quota"];

const USED: Record<Field, keyof QuotaBody["used"]> = {
  jobs_in_flight: "jobs_in_flight",
  pictures_per_day: "pictures",
  device_seconds_per_day: "device_seconds",
};

const FIELDS = Object.keys(USED) as Field[];

/** Limits that there are, and what was taken of them. */
export function QuotaBars({ of }: { of: QuotaBody }) {
  const limited = FIELDS.filter((field) => typeof of.quota[field] === "number");
  if (limited.length === 0) return <p className="text-soft">{texts.me.quota.unlimited}</p>;
  return (
    <div className="grid gap-3">
      {limited.map((field) => (
        <Bar key={field} field={field} used={of.used[USED[field]]} limit={of.quota[field] ?? 0} />
      ))}
      <p className="text-xs text-soft">
        {texts.me.quota.resets(minuteOf(of.resets_at), duration((Date.parse(of.resets_at) - Date.now()) / 1000))}
      </p>
    </div>
  );
}

function Bar({ field, used, limit }: { field: Field; used: number; limit: number }) {
  const label = texts.me.quota.fields[field];
  const say = field === "device_seconds_per_day" ? duration : (count: number) => count.toLocaleString("en");
  return (
    <div className="grid gap-1.5">
      <p className="flex justify-between gap-3 text-[13px]">
        <span>{label}</span>
        <span className="text-soft tabular-nums">{texts.me.quota.used(say(used), say(limit))}</span>
      </p>
      <Progress value={limit > 0 ? used / limit : 1} label={label} />
    </div>
  );
}
