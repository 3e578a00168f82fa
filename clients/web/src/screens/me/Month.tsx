import type { AnalyticsBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { ownMonthQuery } from "@/api/analytics";
import { Section } from "@/parts/Section";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";

/** What somebody has made this month; not there for whose roles make nothing. */
export function Month() {
  const counts = useHasRole("designer", "evaluator", "brand_engineer", "operator");
  const month = useQuery({ ...ownMonthQuery, enabled: counts });
  if (!counts) return null;
  const { data } = month;
  return (
    <Section title={texts.me.month.title} lead={data && texts.me.month.lead(data.first, data.last)}>
      {month.isPending && (
        <Loading>
          <Skeleton className="h-24" />
        </Loading>
      )}
      {month.error && <Failed error={month.error} onRetry={() => month.refetch()} />}
      {data && (data.pictures === 0 ? <p className="text-soft">{texts.me.month.none}</p> : <Numbers of={data} />)}
    </Section>
  );
}

function Numbers({ of }: { of: AnalyticsBody }) {
  const said = texts.me.month;
  return (
    <div className="grid gap-6">
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure label={said.pictures} value={of.pictures.toLocaleString("en")} />
        <Figure label={said.kept} value={of.kept.toLocaleString("en")} />
        <Figure label={said.picks} value={of.picks.toLocaleString("en")} />
        <Figure label={said.saved} value={said.minutes(of.time_saved.minutes)} title={of.time_saved.how} />
      </dl>
      <Days days={of.days} />
    </div>
  );
}

function Figure({ label, value, title }: { label: string; value: string; title?: string }) {
  return (
    <div title={title} className="grid gap-0.5">
      <dt className="text-xs text-soft">{label}</dt>
      <dd className="text-xl font-semibold tabular-nums">{value}</dd>
      {title && <dd className="text-xs text-soft">{title}</dd>}
    </div>
  );
}

function Days({ days }: { days: AnalyticsBody["days"] }) {
  const most = Math.max(1, ...days.map((day) => day.pictures));
  return (
    <ol aria-label={texts.me.month.days} className="flex h-16 items-end gap-1">
      {days.map((day) => (
        <li
          key={day.day}
          title={texts.me.month.day(day.day, day.pictures, day.kept)}
          className="flex h-full max-w-6 flex-1 flex-col justify-end overflow-hidden rounded-sm"
        >
          <span className="sr-only">{texts.me.month.day(day.day, day.pictures, day.kept)}</span>
          <span aria-hidden className="rounded-sm bg-accent" style={{ height: `${(100 * day.pictures) / most}%` }} />
        </li>
      ))}
    </ol>
  );
}
