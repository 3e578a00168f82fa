/** Dates as every language reads them: 2026-11-30 14:05, in this machine's zone. */
const two = (number: number) => String(number).padStart(2, "0");

export function dayOf(moment: string | Date): string {
  const date = new Date(moment);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function minuteOf(moment: string | Date): string {
  const date = new Date(moment);
  return `${dayOf(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A moment, exact to the minute, with the machine's form for programs. */
export function Moment({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} className={className}>
      {minuteOf(at)}
    </time>
  );
}

/** A duration in seconds as people say it: "8 s", "3 min", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, Math.round(seconds * 10) / 10)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}
