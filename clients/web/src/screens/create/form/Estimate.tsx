import { useQuery } from "@tanstack/react-query";
import { ChevronRight, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { planOf, type Request } from "@/api/drawing";
import { asProblem } from "@/api/problem";
import { duration } from "@/parts/dates";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { texts } from "@/texts";
import { sentenceOf } from "../refusals";

const PAUSE_MS = 450;

/** What the order would take, what would be done, and what its pictures may be used for; asked after a pause in typing. */
export function Estimate({ request }: { request: Request }) {
  const text = useSettled(JSON.stringify(request));
  const settled = JSON.parse(text) as Request;
  const plan = useQuery({
    queryKey: ["plan", text],
    queryFn: ({ signal }) => planOf(settled, signal),
    enabled: settled.prompt !== "",
    staleTime: 5_000,
    gcTime: 30_000,
    retry: false,
    placeholderData: (before) => before,
  });
  if (request.prompt === "") return <div className="min-h-6" />;
  if (plan.error) {
    const problem = asProblem(plan.error);
    if (problem.status !== 422) return <div className="min-h-6" />;
    return (
      <p className="flex min-h-6 gap-2 text-[13px] text-warn">
        <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        {sentenceOf(problem)}
      </p>
    );
  }
  if (!plan.data) return <p className="min-h-6 text-[13px] text-soft">{texts.create.estimate.asking}</p>;
  const { estimated_time_seconds: seconds, pipeline, licence, plan: whole } = plan.data;
  const reading = whole.stages.find((stage) => stage.kind === "base")?.reading;
  return (
    <details className="group text-[13px]">
      <summary className="flex min-h-6 list-none flex-wrap items-center gap-x-2 gap-y-1 text-soft">
        <ChevronRight className="size-3.5 transition-transform group-open:rotate-90" aria-hidden />
        <span className="font-medium text-ink tabular-nums">{texts.create.estimate.takes(duration(seconds))}</span>
        {reading && (
          <span className="tabular-nums">
            {texts.create.estimate.tokens(reading.tokens, reading.limit, reading.exact)}
          </span>
        )}
        <span className="ml-auto">
          <LicenceBadge licence={licence} />
        </span>
      </summary>
      <div className="mt-2 grid gap-2 rounded-lg bg-well px-3 py-2.5">
        <ol aria-label={texts.create.estimate.plan} className="grid gap-1">
          {pipeline.map((line) => (
            <li key={line.kind} className="grid grid-cols-[6.5rem_1fr] gap-2">
              <span className="text-soft">{line.label}</span>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
        {reading?.lost && <p className="text-warn">{texts.create.estimate.lost(reading.lost)}</p>}
        {(whole.notes ?? [])
          .filter((note) => note.code !== "enlarged")
          .map((note) => (
            <p key={note.code + note.message} className="text-soft">
              {note.message}.
            </p>
          ))}
        <p className="text-soft">{licence.notice.sentence}</p>
      </div>
    </details>
  );
}

/** A text once it has stayed as it is for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
