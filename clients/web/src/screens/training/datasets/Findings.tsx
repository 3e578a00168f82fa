import type { DatasetBody, FindingBody, PreflightBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import { preflightQuery } from "@/api/datasets";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { duration } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

const said = texts.datasets.findings;
const SEVERITIES = ["error", "warning", "hint"] as const;
type Severity = FindingBody["severity"];

export const TONES: Record<Severity, string> = { error: "text-bad", warning: "text-warn", hint: "text-soft" };

export function SeverityIcon({ severity, className }: { severity: Severity; className?: string }) {
  const Icon = severity === "error" ? CircleAlert : severity === "warning" ? TriangleAlert : Info;
  return <Icon className={classes("size-4 shrink-0", TONES[severity], className)} aria-hidden />;
}

interface FindingsProps {
  dataset: DatasetBody;
  /** There are changes that are not saved: what is found is not about them. */
  stale: boolean;
  shown: number | undefined;
  onShow: (finding: number | undefined) => void;
}

/** What is wrong with a version, the worst first; how good it is; and what learning from it takes. */
export function Findings({ dataset, stale, shown, onShow }: FindingsProps) {
  const preflight = useQuery(preflightQuery(dataset.id, dataset.version));
  const { data } = preflight;
  return (
    <section aria-label={said.title} className="grid content-start gap-5 rounded-2xl border border-line bg-sheet p-5">
      <h2 className="text-base font-semibold">{said.title}</h2>
      {preflight.error && !data && <Failed error={preflight.error} onRetry={() => preflight.refetch()} />}
      {preflight.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-40" />
        </Loading>
      )}
      {data && !data.done && (
        <div className="grid gap-2">
          <p role="status" className="text-[13px] text-soft">
            {said.looking(data.looked_at, data.total)}
          </p>
          <Progress value={data.looked_at / Math.max(1, data.total)} label={said.title} />
        </div>
      )}
      {data?.done && <Found preflight={data} stale={stale} shown={shown} onShow={onShow} />}
      {data?.cost && <Cost cost={data.cost} />}
    </section>
  );
}

type FoundProps = Omit<FindingsProps, "dataset"> & { preflight: PreflightBody };

function Found({ preflight, stale, shown, onShow }: FoundProps) {
  return (
    <>
      {preflight.score && <Score score={preflight.score} />}
      {stale && <p className="text-xs text-soft">{said.stale}</p>}
      {preflight.refused && <p className="rounded-lg bg-bad-wash px-3 py-2 text-[13px] text-bad">{said.refused}</p>}
      {preflight.findings.length === 0 && <p className="text-[13px] text-good">{said.none}</p>}
      {SEVERITIES.map((severity) => {
        const of = [...preflight.findings.entries()].filter(([, one]) => one.severity === severity);
        if (of.length === 0) return null;
        return (
          <div key={severity} className="grid gap-2">
            <h3 className={classes("flex items-center gap-1.5 text-[13px] font-semibold", TONES[severity])}>
              <SeverityIcon severity={severity} />
              {said.severities[severity]}
              <span className="font-normal tabular-nums">{of.length}</span>
            </h3>
            <ul className="grid gap-3">
              {of.map(([place, finding]) => (
                <li key={place} className="grid gap-0.5 text-[13px]">
                  <span dir="auto">{sentence(finding.reason)}</span>
                  <span className="text-soft" dir="auto">
                    {sentence(finding.remedy)}
                  </span>
                  {finding.pictures.length > 0 && (
                    <Button
                      size="small"
                      look={shown === place ? "plain" : "quiet"}
                      aria-pressed={shown === place}
                      className="-ml-2.5 justify-self-start aria-pressed:ml-0"
                      onClick={() => onShow(shown === place ? undefined : place)}
                    >
                      {shown === place ? said.back : said.show(finding.pictures.length)}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
}

/** A sentence as it stands alone: with a capital, and a full stop. */
export const sentence = (text: string): string => {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length) + (/[.!?…]$/.test(text) ? "" : ".");
};

function Score({ score }: { score: NonNullable<PreflightBody["score"]> }) {
  const tone = score.total >= 80 ? "text-good" : score.total >= 50 ? "text-warn" : "text-bad";
  return (
    <div className="grid gap-3">
      <p className="flex items-baseline gap-2" role="img" aria-label={said.scoreOf(score.total)}>
        <span className={classes("text-3xl font-semibold tabular-nums", tone)}>{score.total}</span>
        <span className="text-[13px] text-soft">/ 100</span>
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)_2rem] items-center gap-x-3 gap-y-1.5 text-xs">
        {Object.entries(score.parts).map(([part, points]) => (
          <div key={part} className="contents">
            <dt className="text-soft">{(said.parts as Record<string, string>)[part] ?? part}</dt>
            <dd className="contents">
              <Progress value={points / 100} label={(said.parts as Record<string, string>)[part] ?? part} />
              <span className="text-right tabular-nums">{points}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Cost({ cost }: { cost: NonNullable<PreflightBody["cost"]> }) {
  const parts = [
    said.steps(cost.steps, cost.batch),
    ...(cost.gpu_hours > 0 ? [said.gpu(String(Math.round(cost.gpu_hours * 100) / 100))] : []),
    ...(typeof cost.amount === "number" ? [money(cost.amount, cost.currency ?? null)] : []),
    said.on(cost.model),
  ];
  return (
    <div className="grid gap-0.5 border-t border-line pt-4">
      <h3 className="text-[13px] font-semibold">{said.cost}</h3>
      <p className="tabular-nums">{duration(cost.seconds)}</p>
      <p className="text-xs text-soft">{parts.join(" · ")}</p>
    </div>
  );
}

/** An amount as it is written where no language is known: "0.42 EUR". */
export const money = (amount: number, currency: string | null): string =>
  `${amount < 0.01 && amount > 0 ? "< 0.01" : amount.toFixed(2)}${currency ? ` ${currency}` : ""}`;
