import type { ExperimentBody, SittingBody } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Coffee } from "lucide-react";
import { revealSitting } from "@/api/experiments";
import { Button, buttonLook } from "@/parts/Button";
import { Empty, Failed, Refusal } from "@/parts/states";
import { texts } from "@/texts";
import { Booth } from "./Booth";
import { usePictures } from "./pictures";
import { Aside, BoothSkeleton } from "./SittingScreen";
import { AHEAD } from "./sitting";
import { Told } from "./Told";
import { useSitting } from "./useSitting";

/** A sitting from its first ballot to what was what. */
export function Voting({ experiment, rater }: { experiment: ExperimentBody; rater: string }) {
  const handle = useSitting(experiment.id, rater);
  const { sitting, problem } = handle;
  const ahead = sitting.queue.slice(0, AHEAD + 1);
  const pictures = usePictures(ahead, handle.gone);
  const reveal = useMutation({ mutationFn: (ballot: string) => revealSitting(ballot), onSuccess: handle.end });
  const member = sitting.given.at(-1)?.ballot ?? sitting.queue[0];

  if (reveal.data) {
    const goOn = () => {
      reveal.reset();
      handle.goOn();
    };
    return <Told told={reveal.data} pictures={pictures} experiment={experiment} onGoOn={goOn} />;
  }
  if (sitting.over && member) {
    return <Over onReveal={() => reveal.mutate(member.id)} error={reveal.error} waiting={reveal.isPending} />;
  }
  if (sitting.queue.length > 0) {
    return <Booth experiment={experiment} handle={handle} pictures={pictures} reveal={reveal} />;
  }
  if (problem) return <Aside content={<Failed error={problem} onRetry={handle.retry} />} />;
  if (sitting.note === null) return <BoothSkeleton />;
  return (
    <Nothing
      note={sitting.note}
      error={reveal.error}
      onAgain={handle.retry}
      onReveal={sitting.given.length && sitting.outbox.length === 0 && member ? () => reveal.mutate(member.id) : null}
    />
  );
}

export type Reveal = ReturnType<typeof useMutation<SittingBody, Error, string>>;

interface OverProps {
  onReveal: () => void;
  error: unknown;
  waiting: boolean;
}

function Over({ onReveal, error, waiting }: OverProps) {
  const { over } = texts.judge.sitting;
  return (
    <Aside
      content={
        <Empty
          icon={<Coffee aria-hidden />}
          title={over.title}
          action={
            <div className="grid gap-3">
              <Button look="primary" size="large" onClick={onReveal} disabled={waiting} autoFocus>
                {over.action}
              </Button>
              <Refusal error={error} onRetry={onReveal} />
            </div>
          }
        >
          {over.lead}
        </Empty>
      }
    />
  );
}

interface NothingProps {
  note: string;
  error: unknown;
  onAgain: () => void;
  onReveal: (() => void) | null;
}

function Nothing({ note, error, onAgain, onReveal }: NothingProps) {
  const { nothing, over, toJudge } = texts.judge.sitting;
  return (
    <Aside
      content={
        <Empty
          icon={<Coffee aria-hidden />}
          title={nothing.title}
          action={
            <div className="grid gap-3">
              <div className="flex flex-wrap justify-center gap-2">
                {onReveal && (
                  <Button look="primary" onClick={onReveal}>
                    {over.action}
                  </Button>
                )}
                <Button onClick={onAgain}>{nothing.again}</Button>
                <Link to="/app/judge" className={buttonLook({ look: "quiet" })}>
                  {toJudge}
                </Link>
              </div>
              <Refusal error={error} />
            </div>
          }
        >
          {note.charAt(0).toUpperCase() + note.slice(1)}.
        </Empty>
      }
    />
  );
}
