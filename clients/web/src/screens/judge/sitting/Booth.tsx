import type { ExperimentBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { CloudOff, Flag, Undo2, X, ZoomIn, ZoomOut } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { announce } from "@/live/announcements";
import { Button, buttonLook } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Progress } from "@/parts/Progress";
import { Refusal, Skeleton } from "@/parts/states";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { Criteria } from "./Criteria";
import { letterOf } from "./letters";
import { Plates } from "./Plates";
import type { Held } from "./pictures";
import { progress } from "./sitting";
import type { SittingHandle } from "./useSitting";
import { VoteBar } from "./VoteBar";
import type { Reveal } from "./Voting";
import { WHOLE, zoomed } from "./zoom";

/** Nobody has looked who answers faster: a key that is held down is no vote. */
const SHORTEST_MS = 250;

interface BoothProps {
  experiment: ExperimentBody;
  handle: SittingHandle;
  pictures: Held;
  reveal: Reveal;
}

/** One ballot: which of these is better? */
export function Booth({ experiment, handle, pictures, reveal }: BoothProps) {
  const { sitting } = handle;
  const ballot = sitting.queue[0];
  const shown = ballot && pictures[ballot.id];
  const [zoom, setZoom] = useState(WHOLE);
  const [criteria, setCriteria] = useState<Record<string, string>>({});
  const [ending, setEnding] = useState(false);
  const painted = useRef(0);
  const changeZoom = useCallback((change: (zoom: typeof WHOLE) => typeof WHOLE) => setZoom(change), []);

  const ready = shown ? ballot.id : null;
  useEffect(() => {
    if (ready === null) return;
    painted.current = performance.now();
    setZoom(WHOLE);
    setCriteria({});
  }, [ready]);

  function answer(choice: string) {
    const dwellMs = Math.round(performance.now() - painted.current);
    if (!shown || dwellMs < SHORTEST_MS || isCovered()) return;
    handle.answer({ choice, criteria, dwellMs });
    announce(texts.judge.sitting.said(letterOf(choice) ?? choice, done + 1, of));
  }

  const { done, of } = progress(sitting);
  const last = sitting.given.at(-1);
  useShortcut("u", texts.judge.sitting.undo, handle.undo, { off: !last || ending });
  useShortcut("mod+z", texts.judge.sitting.undo, handle.undo, { off: !last || ending });
  useShortcut("z", texts.judge.sitting.zoom, () => changeZoom((now) => (now.scale > 1 ? WHOLE : zoomed(now, 3))));
  if (!ballot) return null;
  return (
    <div className="flex h-full flex-col overflow-hidden bg-sheet">
      <header className="flex items-center gap-3 px-2 py-1.5 md:px-4">
        <Link
          to="/app/judge"
          aria-label={texts.judge.sitting.leave}
          title={texts.judge.sitting.leave}
          className={buttonLook({ look: "quiet", size: "icon" })}
        >
          <X className="size-4.5" aria-hidden />
        </Link>
        <div className="min-w-0 flex-1 text-center">
          <h1 className="line-clamp-2 text-[15px] font-semibold" dir="auto" title={ballot.prompt}>
            {ballot.prompt}
          </h1>
          <p className="truncate text-xs text-soft">{experiment.name}</p>
        </div>
        <span className="text-[13px] whitespace-nowrap text-soft tabular-nums">
          {texts.judge.sitting.place(done + 1, of)}
        </span>
      </header>
      <Progress value={of ? done / of : 0} label={texts.judge.sitting.progress} className="h-0.5 rounded-none" />
      {handle.waiting && (
        <p
          role="status"
          className="flex items-center justify-center gap-2 bg-warn-wash px-3 py-1 text-[13px] text-warn"
        >
          <CloudOff className="size-4" aria-hidden />
          {texts.judge.sitting.offline(sitting.outbox.length)}
        </p>
      )}
      {shown ? (
        <Plates ballot={ballot} pictures={shown} zoom={zoom} onZoom={changeZoom} />
      ) : (
        <PlatesToCome count={ballot.pictures.length} />
      )}
      <footer className="grid gap-2.5 border-t border-line px-3 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))]">
        {ballot.criteria.length > 0 && (
          <Criteria
            criteria={ballot.criteria}
            choices={ballot.choices}
            said={criteria}
            onSay={(criterion, choice) => setCriteria((now) => ({ ...now, [criterion]: choice }))}
          />
        )}
        <VoteBar choices={ballot.choices} onChoose={answer} off={!shown || ending} />
        <div className="mx-auto flex w-full max-w-3xl items-center justify-between gap-2">
          <Button look="quiet" size="small" disabled={!last} onClick={handle.undo}>
            <Undo2 className="size-4" aria-hidden />
            {last ? texts.judge.sitting.undoLast(nameOf(last.choice)) : texts.judge.sitting.undo}
          </Button>
          <div className="flex items-center gap-1">
            <Tool label={texts.judge.sitting.smaller} onPress={() => changeZoom((now) => zoomed(now, 0.5))}>
              <ZoomOut className="size-4.5" aria-hidden />
            </Tool>
            <Tool label={texts.judge.sitting.larger} onPress={() => changeZoom((now) => zoomed(now, 2))}>
              <ZoomIn className="size-4.5" aria-hidden />
            </Tool>
            <Button look="quiet" size="small" onClick={() => setEnding(true)}>
              <Flag className="size-4" aria-hidden />
              {texts.judge.sitting.end}
            </Button>
          </div>
        </div>
      </footer>
      <Dialog
        open={ending}
        onClose={() => setEnding(false)}
        title={texts.judge.sitting.endTitle}
        description={texts.judge.sitting.endLead}
        foot={
          <>
            <Button onClick={() => setEnding(false)}>{texts.judge.sitting.goOn}</Button>
            <Button
              look="primary"
              disabled={reveal.isPending || sitting.outbox.length > 0}
              onClick={() => reveal.mutate((last?.ballot ?? ballot).id)}
            >
              {texts.judge.sitting.over.action}
            </Button>
          </>
        }
      >
        <p className="text-soft">{texts.judge.sitting.place(done, of)}</p>
        <Refusal error={reveal.error} className="mt-3" />
      </Dialog>
    </div>
  );
}

/** A dialog is open: keys are not meant for what lies below it. */
const isCovered = (): boolean => document.querySelector("[role=dialog]") !== null;

const nameOf = (choice: string): string => {
  const { tie, neither, skip } = texts.judge.sitting;
  const others: Record<string, string> = { tie: tie.short, both_bad: neither.short, skip: skip.short };
  return letterOf(choice) ?? others[choice] ?? choice;
};

function Tool({ label, onPress, children }: { label: string; onPress: () => void; children: ReactNode }) {
  return (
    <Button look="quiet" size="icon" aria-label={label} title={label} onClick={onPress}>
      {children}
    </Button>
  );
}

function PlatesToCome({ count }: { count: number }) {
  const four = count > 2;
  return (
    <div
      role="status"
      aria-label={texts.common.loading}
      className={
        four
          ? "grid min-h-0 flex-1 grid-cols-2 grid-rows-2 gap-px"
          : "grid min-h-0 flex-1 grid-rows-2 gap-px md:grid-cols-2 md:grid-rows-1"
      }
    >
      {Array.from({ length: count }, (_, place) => `plate ${place}`).map((key) => (
        <Skeleton key={key} className="m-3 rounded-2xl md:m-5" />
      ))}
    </div>
  );
}
