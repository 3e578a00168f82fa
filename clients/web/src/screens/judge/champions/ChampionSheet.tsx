import type { ChampionBody } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type ChampionMove, championHistoryQuery, moveChampion } from "@/api/experiments";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Moment } from "@/parts/dates";
import { Progress } from "@/parts/Progress";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { useHasRole } from "@/session/me";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import { percent } from "../numbers";
import { inWords } from "../overlay";
import { ReasonDialog } from "../ReasonDialog";

/** Shares of the people for whom a canary draws, one after the other, as the studio has them. */
const RAMP = [0.1, 0.25, 0.5, 1];

interface ChampionSheetProps {
  type: string;
  quality: string;
  champion: ChampionBody | null;
  onClose: () => void;
}

/** Who reigns for an asset type and quality, who is on the way in, and how it came to be. */
export function ChampionSheet({ type, quality, champion, onClose }: ChampionSheetProps) {
  const words = texts.judge.champions;
  return (
    <Dialog open onClose={onClose} title={words.open(type, quality)} shape="side">
      <div className="grid gap-7">
        <section>
          <h3 className="mb-1 text-[13px] font-semibold text-soft">{words.reigns}</h3>
          <p className="font-serif text-lg">{champion ? inWords(champion.overlay) : words.asConfigured}</p>
        </section>
        {champion?.canary && <OnTheWay champion={champion} />}
        {champion && champion.revision > 0 && <Moves champion={champion} />}
        <History type={type} quality={quality} />
      </div>
    </Dialog>
  );
}

function OnTheWay({ champion }: { champion: ChampionBody }) {
  const words = texts.judge.champions;
  const { canary } = champion;
  if (!canary) return null;
  return (
    <section className="grid gap-2">
      <h3 className="text-[13px] font-semibold text-soft">{words.onTheWay}</h3>
      <p className="font-serif text-lg">{inWords(canary.overlay)}</p>
      <Progress value={canary.share} label={words.share(percent(canary.share))} />
      <p className="flex justify-between text-xs text-soft tabular-nums">
        {RAMP.map((share) => (
          <span key={share} className={share === canary.share ? "font-semibold text-ink" : undefined}>
            {percent(share)}
          </span>
        ))}
      </p>
      <p className="text-[13px] text-soft">
        {words.share(percent(canary.share))}
        {canary.paused && `, ${words.paused}`}
      </p>
    </section>
  );
}

function Moves({ champion }: { champion: ChampionBody }) {
  const words = texts.judge.champions;
  const client = useQueryClient();
  const mayMove = useHasRole("brand_engineer");
  const [move, setMove] = useState<ChampionMove | null>(null);
  if (!mayMove) return null;
  const { canary } = champion;
  const next = RAMP.find((share) => canary && share > canary.share);
  const label = (one: ChampionMove) =>
    one === "ramp" ? (next === undefined ? words.crown : words.rampTo(percent(next))) : words.actions[one];

  async function confirm(reason: string) {
    if (move === null) return;
    try {
      await moveChampion(champion, move, reason);
      toast(words.done[move]);
    } finally {
      await client.invalidateQueries({ queryKey: ["champions"] });
    }
  }

  const possible: ChampionMove[] = canary
    ? [...(canary.paused ? (["resume"] as const) : (["ramp", "pause"] as const)), "rollback"]
    : ["rollback"];
  return (
    <div className="flex flex-wrap gap-2">
      {possible.map((one) => (
        <Button
          key={one}
          look={one === "rollback" ? "danger" : one === "pause" ? "plain" : "primary"}
          onClick={() => setMove(one)}
        >
          {label(one)}
        </Button>
      ))}
      {move && (
        <ReasonDialog
          title={label(move)}
          lead={words.lead_[move]}
          confirm={label(move)}
          danger={move === "rollback"}
          onClose={() => setMove(null)}
          onConfirm={confirm}
        />
      )}
    </div>
  );
}

function History({ type, quality }: { type: string; quality: string }) {
  const words = texts.judge.champions;
  const history = useQuery(championHistoryQuery(type, quality));
  let content: ReactNode;
  if (history.error && !history.data) content = <Failed error={history.error} onRetry={history.refetch} />;
  else if (!history.data) {
    content = (
      <Loading>
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </Loading>
    );
  } else if (history.data.champions.length === 0) content = <p className="text-soft">{words.noHistory}</p>;
  else content = <Past moves={history.data.champions} />;
  return (
    <section>
      <h3 className="mb-2 text-[13px] font-semibold text-soft">{words.history}</h3>
      {content}
    </section>
  );
}

function Past({ moves }: { moves: readonly ChampionBody[] }) {
  const words = texts.judge.champions;
  return (
    <ol className="grid gap-3">
      {moves.map((one) => (
        <li key={one.revision} className="grid gap-0.5 border-l-2 border-line pl-3">
          <p className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="font-semibold">{words.kinds[one.kind] ?? one.kind}</span>
            {one.at && <Moment at={one.at} className="text-xs text-soft tabular-nums" />}
          </p>
          <p className="text-[13px]">
            {inWords(one.canary?.overlay ?? one.overlay)}
            {one.canary && ` (${percent(one.canary.share)})`}
          </p>
          <p className="text-[13px] text-soft">
            {one.by && (
              <>
                <Named id={one.by} />
                {": "}
              </>
            )}
            <span dir="auto">{one.reason}</span>
            {one.experiment && (
              <>
                {" "}
                <Link
                  to="/app/experiments/$experimentId"
                  params={{ experimentId: one.experiment }}
                  className="underline underline-offset-2 hover:text-ink"
                >
                  {one.experiment}
                </Link>
              </>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}
