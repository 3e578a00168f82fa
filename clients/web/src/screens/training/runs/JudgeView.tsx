import { Check, Maximize2, X } from "lucide-react";
import { useState } from "react";
import { type Training, trainingPictureUrl } from "@/api/trainings";
import { isEnded } from "@/live/happening";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Dialog } from "@/parts/Dialog";
import { Checkbox } from "@/parts/Field";
import { useSource } from "@/parts/source";
import { Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { sentence } from "../datasets/Findings";
import { Adopt } from "./Checkpoints";
import { isPick, type Judged, type Judgement, judgementOf, type Pick, rowsOf } from "./judgement";

const said = texts.training.judge;
const strengthText = (strength: number) => String(Math.round(strength * 100) / 100);

/** What the judge would take and why, everything that was measured, and the pictures that it looked at. */
export function JudgeView({ training }: { training: Training }) {
  const [adopting, setAdopting] = useState<Pick | null>(null);
  const judgement = judgementOf(training);
  if (!judgement)
    return <p className="text-[13px] text-soft">{isEnded(training.status) ? said.noneEver : said.none}</p>;
  const { pick, others } = judgement;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <section className="grid gap-3 rounded-2xl border border-line bg-sheet p-5" aria-label={said.pick}>
        <h2 className="flex flex-wrap items-center gap-3 text-base font-semibold">
          <Badge tone={pick.recommended ? "good" : "warn"}>{pick.recommended ? said.pick : said.leastBad}</Badge>
          {sentence(said.stepAt(pick.step, strengthText(pick.strength))).replace(/\.$/, "")}
        </h2>
        <ul className="grid list-disc gap-1 pl-5 text-[13px]" aria-label={said.reasons}>
          {pick.reasons.map((reason) => (
            <li key={reason} dir="auto">
              {sentence(reason)}
            </li>
          ))}
        </ul>
        {others.length > 0 && (
          <div className="grid gap-1.5 border-t border-line pt-3">
            <h3 className="text-[13px] font-semibold">{said.others}</h3>
            {others.map((one) => (
              <div
                key={`${one.step}/${one.strength}`}
                className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px]"
              >
                <span>{sentence(said.stepAt(one.step, strengthText(one.strength))).replace(/\.$/, "")}</span>
                <span className="text-soft" dir="auto">
                  {one.reasons[0] && sentence(one.reasons[0])}
                </span>
                <Button size="small" look="quiet" onClick={() => setAdopting(one)}>
                  {texts.training.one.adopt}
                </Button>
              </div>
            ))}
          </div>
        )}
      </section>
      <Table judgement={judgement} />
      {judgement.sheet && <Sheet training={training} sha256={judgement.sheet} />}
      {adopting && (
        <Adopt
          training={training}
          step={adopting.step}
          strength={adopting.strength}
          onClose={() => setAdopting(null)}
        />
      )}
    </div>
  );
}

function Table({ judgement }: { judgement: Judgement }) {
  const [all, setAll] = useState(false);
  const rows = rowsOf(judgement, all);
  const { measures, prompts, seeds, looked } = judgement;
  if (rows.length === 0) return null;
  const more = rowsOf(judgement, true).length > rowsOf(judgement, false).length;
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{said.table}</h2>
        {more && (
          <Checkbox label={said.allStrengths} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        )}
      </div>
      <section
        aria-label={said.table}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reached by keyboard, too
        tabIndex={0}
        className="relative min-w-0 overflow-x-auto rounded-lg"
      >
        <table className="w-full border-collapse text-[13px]">
          <thead>
            <tr className="border-b border-line text-left text-xs text-soft">
              <Head>{said.step}</Head>
              <Head>{said.strength}</Head>
              <Head>{said.verdict}</Head>
              {measures.map((name) => (
                <Head key={name} title={said.measures[name]?.title}>
                  {said.measures[name]?.head ?? name.replaceAll("_", " ")}
                </Head>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.step}/${row.strength}`} row={row} measures={measures} pick={judgement.pick} />
            ))}
          </tbody>
        </table>
      </section>
      <p className="text-xs text-soft">
        {[prompts > 0 && said.grid(prompts, seeds), looked.length > 0 && said.looked(looked.join(", "))]
          .filter(Boolean)
          .join(" ")}
      </p>
    </section>
  );
}

function Head({ title, children }: { title?: string | undefined; children: string }) {
  return (
    <th scope="col" title={title} className="px-3 py-1.5 font-medium whitespace-nowrap">
      {children}
      {title && <span className="sr-only">: {title}</span>}
    </th>
  );
}

function Row({ row, measures, pick }: { row: Judged; measures: readonly string[]; pick: Pick }) {
  const picked = isPick(pick, row);
  const reasons = row.lost ? [row.lost] : row.failed;
  return (
    <>
      <tr
        className={classes(
          "not-first:border-t not-first:border-line",
          picked && "bg-wash",
          reasons.length === 0 && "last:border-b-0",
        )}
      >
        <th scope="row" className="px-3 py-2 text-left font-semibold whitespace-nowrap tabular-nums">
          {row.step}
          {picked && (
            <Badge tone="accent" className="ml-2 bg-sheet">
              {pick.recommended ? said.pick : said.leastBad}
            </Badge>
          )}
        </th>
        <td className="px-3 py-2 tabular-nums">{strengthText(row.strength)}</td>
        <td className="px-3 py-2 whitespace-nowrap">
          <Verdict row={row} />
        </td>
        {measures.map((name) => {
          const mark = row.marks[name];
          return (
            <td key={name} className="px-3 py-2 whitespace-nowrap tabular-nums">
              {mark ? mark.value.toFixed(2) : "–"}
              {mark && mark.error > 0 && (
                <span className="ml-1.5 text-xs text-soft">{said.error(mark.error.toFixed(2))}</span>
              )}
            </td>
          );
        })}
      </tr>
      {reasons.length > 0 && (
        <tr className={classes(picked && "bg-wash")}>
          <td colSpan={measures.length + 3} className="px-3 pb-2 text-xs text-bad" dir="auto">
            {reasons.map(sentence).join(" ")}
          </td>
        </tr>
      )}
    </>
  );
}

function Verdict({ row }: { row: Judged }) {
  const passes = row.lost === null && row.failed.length === 0;
  const Icon = passes ? Check : X;
  return (
    <span className={classes("flex items-center gap-1.5", passes ? "text-good" : "text-bad")}>
      <Icon className="size-4" aria-hidden />
      {passes ? said.passes : row.lost === null ? said.fails : said.lost}
    </span>
  );
}

function Sheet({ training, sha256 }: { training: Training; sha256: string }) {
  const [large, setLarge] = useState(false);
  const { url, failed } = useSource(trainingPictureUrl(training.job_id, sha256));
  if (failed) return null;
  const image = url ? (
    <img src={url} alt={said.sheetAlt(training.lora)} className="w-full rounded-lg border border-line" />
  ) : (
    <Skeleton className="h-80" />
  );
  return (
    <section className="grid gap-2">
      <div className="flex items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{said.sheet}</h2>
        <Button size="small" onClick={() => setLarge(true)}>
          <Maximize2 className="size-4" aria-hidden />
          {said.open}
        </Button>
      </div>
      {image}
      <Dialog open={large} shape="wide" title={said.sheet} onClose={() => setLarge(false)}>
        {url && <img src={url} alt={said.sheetAlt(training.lora)} className="max-w-none" />}
      </Dialog>
    </section>
  );
}
