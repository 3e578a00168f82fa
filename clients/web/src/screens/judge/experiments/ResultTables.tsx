import type { ResultsBody } from "@openapi";
import { Badge } from "@/parts/Badge";
import { texts } from "@/texts";
import { DataTable } from "../DataTable";
import { between, percent, percentBetween } from "../numbers";

/** Units that are shared out so unevenly that something must be broken: the studio's own bar. */
const SRM_ALARM = 1000;

/** Everything beside the verdict, as far as there is something to say. */
export function ResultTables({ results }: { results: ResultsBody }) {
  return (
    <>
      <Board results={results} />
      <Slices results={results} />
      <Styles results={results} />
      <Guardrails results={results} />
      <Costs results={results} />
      <Judges results={results} />
      <Raters results={results} />
      <Facts results={results} />
    </>
  );
}

type Told = { results: ResultsBody };

function Board({ results: { board } }: Told) {
  const words = texts.judge.experiments.results;
  if (!board.length) return null;
  return (
    <DataTable
      caption={words.board}
      rows={board}
      keyOf={(row) => row.id}
      columns={[
        { head: words.arm, cell: (row) => row.id },
        { head: words.picked, number: true, cell: (row) => `${row.picked} / ${row.screens}` },
        { head: words.share, number: true, cell: (row) => (row.share == null ? "" : percent(row.share)) },
        { head: words.rank, number: true, cell: (row) => row.rank?.join(" to ") ?? "" },
      ]}
    />
  );
}

function Slices({ results: { by } }: Told) {
  const words = texts.judge.experiments.results;
  if (!by.length) return null;
  const rows = by.flatMap((slice) => slice.arms.map((arm) => ({ ...arm, slice })));
  return (
    <DataTable
      caption={words.slices}
      rows={rows}
      keyOf={(row) => `${row.slice.value} ${row.id}`}
      columns={[
        { head: words.part, cell: ({ slice }) => slice.value },
        { head: words.arm, cell: (row) => row.id },
        {
          head: words.share,
          number: true,
          cell: ({ slice, share }) => (
            <span className={slice.grey ? "text-soft" : undefined}>{percentBetween(share)}</span>
          ),
        },
        {
          head: words.votes,
          number: true,
          cell: ({ slice, votes }) => (slice.grey ? `${votes}, ${words.few}` : votes),
        },
      ]}
    />
  );
}

function Styles({ results: { style, arms } }: Told) {
  const words = texts.judge.experiments.results;
  if (!style) return null;
  const styled = arms.flatMap(({ id, diff_styled }) => (diff_styled ? [{ id, diff_styled }] : []));
  return (
    <div className="grid min-w-0 gap-6">
      <DataTable
        caption={words.effects}
        rows={style.effects}
        keyOf={(row) => row.name}
        columns={[
          { head: words.feature, cell: (row) => row.name },
          { head: words.effect, number: true, cell: (row) => between(row.effect) },
        ]}
      />
      {styled.length > 0 && (
        <DataTable
          caption={words.styled}
          rows={styled}
          keyOf={(row) => row.id}
          columns={[
            { head: words.arm, cell: (row) => row.id },
            { head: words.share, number: true, cell: (row) => between(row.diff_styled) },
          ]}
        />
      )}
    </div>
  );
}

function Guardrails({ results: { guardrails } }: Told) {
  const words = texts.judge.experiments.results;
  if (!guardrails.length) return null;
  return (
    <DataTable
      caption={words.guardrails}
      rows={guardrails}
      keyOf={(row) => `${row.arm} ${row.metric}`}
      columns={[
        { head: words.arm, cell: (row) => row.arm },
        { head: words.guardrails, cell: (row) => words.metric[row.metric] ?? row.metric },
        { head: words.value, number: true, cell: (row) => measure(row.metric, row.value) },
        { head: words.limit, number: true, cell: (row) => measure(row.metric, row.limit) },
        { head: words.jobs, number: true, cell: (row) => row.count },
        {
          head: "",
          cell: (row) =>
            row.tripped ? <Badge tone="bad">{words.tripped}</Badge> : <Badge tone="good">{words.within}</Badge>,
        },
      ]}
    />
  );
}

const measure = (metric: string, value: number) =>
  metric === "failure" ? `${+(value * 100).toFixed(1)} %` : `× ${+value.toFixed(2)}`;

function Costs({ results: { costs } }: Told) {
  const words = texts.judge.experiments.results;
  if (!costs.some((cost) => cost.pictures)) return null;
  return (
    <DataTable
      caption={words.costs}
      rows={costs}
      keyOf={(row) => row.id}
      columns={[
        { head: words.arm, cell: (row) => row.id },
        { head: words.pictures, number: true, cell: (row) => row.pictures },
        { head: words.seconds, number: true, cell: (row) => row.seconds?.toFixed(2) ?? "" },
        { head: words.ratio, number: true, cell: (row) => (row.ratio == null ? "" : `× ${row.ratio.toFixed(2)}`) },
      ]}
    />
  );
}

function Judges({ results: { judges } }: Told) {
  const words = texts.judge.experiments.results;
  if (!judges.length) return null;
  return (
    <DataTable
      caption={words.judges}
      rows={judges}
      keyOf={(row) => `${row.judge} ${row.asset_type}`}
      columns={[
        { head: words.judgeName, cell: (row) => row.judge },
        { head: words.part, cell: (row) => row.asset_type },
        { head: words.accuracy, number: true, cell: (row) => percentBetween(row.accuracy) },
        { head: words.ceiling, number: true, cell: (row) => (row.ceiling == null ? "" : percent(row.ceiling)) },
        { head: words.votes, number: true, cell: (row) => row.votes },
        {
          head: words.enabled,
          cell: (row) => (row.enabled ? <Badge tone="good">{words.enabled}</Badge> : row.why),
        },
      ]}
    />
  );
}

function Raters({ results: { people } }: Told) {
  const words = texts.judge.experiments.results;
  if (!people.length) return null;
  return (
    <DataTable
      caption={words.raters}
      rows={people}
      keyOf={(row) => row.rater}
      columns={[
        { head: words.rater, cell: (row) => <code className="text-xs">{row.rater}</code> },
        { head: words.votes, number: true, cell: (row) => row.votes },
        {
          head: words.dwell,
          number: true,
          cell: (row) => (row.dwell_ms == null ? "" : `${(row.dwell_ms / 1000).toFixed(1)} s`),
        },
        {
          head: words.alike,
          number: true,
          cell: (row) => (row.alike == null ? "" : `${percent(row.alike)} / ${row.repeats}`),
        },
        {
          head: words.gold,
          number: true,
          cell: (row) => (row.gold == null ? "" : `${percent(row.gold)} / ${row.golds}`),
        },
        { head: words.flags, cell: (row) => row.flags.join("; ") },
      ]}
    />
  );
}

function Facts({ results }: Told) {
  const words = texts.judge.experiments.results;
  const facts: [string, string][] = [];
  if (results.mode === "split") facts.push([words.srm, results.srm_e >= SRM_ALARM ? words.srmBad : words.srmGood]);
  if (results.agreement != null) facts.push([words.agreement, results.agreement.toFixed(2)]);
  if (results.votes) facts.push([words.bothBad, percent(results.both_bad)], [words.side, between(results.side)]);
  if (!facts.length) return null;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3 text-[13px]">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-soft">{name}</dt>
          <dd className="tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
