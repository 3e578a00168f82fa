import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { experimentQuery } from "@/api/experiments";
import { buttonLook } from "@/parts/Button";
import { useTitle } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole, useMe } from "@/session/me";
import { texts } from "@/texts";
import { Voting } from "./Voting";

/** Blind votes on one experiment: the pictures have the whole window. */
export function SittingScreen() {
  const { experimentId } = useParams({ from: "/studio/app/judge/$experimentId" });
  const me = useMe();
  const mayVote = useHasRole("evaluator");
  const experiment = useQuery(experimentQuery(experimentId));
  useTitle(experiment.data?.name ?? texts.judge.title);
  if (experiment.error) return <Aside content={<Failed error={experiment.error} onRetry={experiment.refetch} />} />;
  if (!experiment.data || !me) return <BoothSkeleton />;
  const { name, state } = experiment.data;
  if (!mayVote) return <Aside content={<Closed name={name} why={texts.judge.sitting.noVoter} />} />;
  if (state === "ready") return <Aside content={<Closed name={name} why={texts.judge.sitting.notStarted} />} />;
  if (state === "stopped") return <Aside content={<Closed name={name} why={texts.judge.sitting.stopped} />} />;
  return <Voting key={`${experimentId} ${me.id}`} experiment={experiment.data} rater={me.id} />;
}

export function BoothSkeleton() {
  return (
    <div className="h-full p-3">
      <Loading>
        <div className="grid h-[calc(100dvh-1.5rem)] grid-rows-[3rem_1fr_4rem] gap-3">
          <Skeleton />
          <div className="grid grid-rows-2 gap-3 md:grid-cols-2 md:grid-rows-1">
            <Skeleton />
            <Skeleton />
          </div>
          <Skeleton />
        </div>
      </Loading>
    </div>
  );
}

export function Aside({ content }: { content: React.ReactNode }) {
  return <div className="mx-auto grid min-h-full max-w-2xl content-center px-4 py-8">{content}</div>;
}

function Closed({ name, why }: { name: string; why: string }) {
  return (
    <Empty
      icon={<Scale aria-hidden />}
      title={name}
      action={
        <Link to="/app/judge" className={buttonLook({ look: "primary" })}>
          {texts.judge.sitting.toJudge}
        </Link>
      }
    >
      {why}
    </Empty>
  );
}
