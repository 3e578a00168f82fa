import type { ArmResult, ForestBody, ForestRowBody } from "@openapi";
import { texts } from "@/texts";
import { DataTable } from "../DataTable";

/** Each arm's share beside the champion with its interval, around the line where both are alike; the same in numbers
 * beside it. */
export function Forest({ forest, arms }: { forest: ForestBody; arms: readonly ArmResult[] }) {
  const words = texts.judge.experiments.results;
  const found = new Map(arms.map((arm) => [arm.id, arm]));
  return (
    <div className="min-w-0">
      <DataTable
        caption={words.forest}
        keyOf={(row: ForestRowBody) => row.label}
        rows={forest.rows}
        columns={[
          { head: words.arm, cell: (row) => <span className="font-semibold">{row.label}</span> },
          { head: words.interval, cell: (row) => <Whisker row={row} low={forest.low} high={forest.high} /> },
          {
            head: words.share,
            number: true,
            cell: ({ low, value, high }) => (
              <span className="whitespace-nowrap">
                {Math.round(value * 100)} % <span className="text-soft">({`${pct(low)} to ${pct(high)}`})</span>
              </span>
            ),
          },
          { head: words.wins, number: true, cell: (row) => record(found.get(row.label)) },
          { head: words.rank, number: true, cell: (row) => rank(found.get(row.label)) },
        ]}
      />
      <p className="mt-2 text-xs text-soft">
        {forest.axis}. {words.axis(pct(forest.low), pct(forest.high))}
      </p>
    </div>
  );
}

const pct = (share: number) => Math.round(share * 100);

function record(arm: ArmResult | undefined) {
  return arm ? `${arm.wins}, ${arm.losses}, ${arm.ties}` : "";
}

function rank(arm: ArmResult | undefined) {
  if (!arm?.rank) return "";
  const [first, last] = arm.rank as [number, number];
  return first === last ? String(first) : `${first} to ${last}`;
}

/** One interval on the axis from `low` to `high`; the middle line is one half. */
function Whisker({ row, low, high }: { row: ForestRowBody; low: number; high: number }) {
  const at = (share: number) => `${(100 * (Math.min(high, Math.max(low, share)) - low)) / (high - low)}%`;
  const tone = row.clear ? "text-accent" : "text-soft";
  return (
    <svg className={`block h-7 w-full min-w-48 overflow-visible ${tone}`} aria-hidden role="presentation">
      <line x1="0" x2="100%" y1="14" y2="14" className="stroke-line" strokeWidth="1" />
      <line x1={at(0.5)} x2={at(0.5)} y1="0" y2="28" className="stroke-edge" strokeWidth="1" strokeDasharray="2 2" />
      <line x1={at(row.low)} x2={at(row.high)} y1="14" y2="14" stroke="currentColor" strokeWidth="2.5" />
      <line x1={at(row.low)} x2={at(row.low)} y1="9" y2="19" stroke="currentColor" strokeWidth="2" />
      <line x1={at(row.high)} x2={at(row.high)} y1="9" y2="19" stroke="currentColor" strokeWidth="2" />
      <circle cx={at(row.value)} cy="14" r="5" fill="currentColor" />
    </svg>
  );
}
