import type { RowError } from "@openapi";
import type { Problem } from "@/api/problem";
import { texts } from "@/texts";

const said = texts.batch.compose;
const MOST = 100;

/** Which rows are wrong, or were left out, each with what is wrong with it. */
export function RowErrors({ problem, skipped }: { problem: Problem | null; skipped: readonly RowError[] }) {
  const wrong = problem?.detail?.rows ?? [];
  const rows = wrong.length > 0 ? wrong : skipped;
  if (rows.length === 0) return null;
  return (
    <section
      role={wrong.length > 0 ? "alert" : undefined}
      className="grid gap-2 rounded-xl border border-line bg-sheet p-4"
    >
      <h2 className="text-sm font-semibold text-bad">
        {wrong.length > 0 ? said.wrong(rows.length) : said.skipped(rows.length)}
      </h2>
      {rows.length >= MOST && <p className="text-xs text-soft">{said.wrongOnly(rows.length)}</p>}
      <ul className="grid max-h-72 gap-1.5 overflow-y-auto text-[13px]">
        {rows.map((row) => (
          <li key={`${row.line}-${row.field}-${row.message}`} className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3">
            <span className="font-medium tabular-nums">{said.line(row.line)}</span>
            <span>
              {row.field && <code className="mr-1.5 rounded bg-well px-1 text-xs">{row.field}</code>}
              <span className="break-words" dir="auto">
                {row.message}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
