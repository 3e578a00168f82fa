import type { ExperimentBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, EyeOff } from "lucide-react";
import { useState } from "react";
import { type Reading, resultsQuery } from "@/api/experiments";
import { asProblem } from "@/api/problem";
import { Button, buttonLook } from "@/parts/Button";
import { download } from "@/parts/download";
import { Checkbox, Select } from "@/parts/Field";
import { Empty, Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { Forest } from "./Forest";
import { ResultTables } from "./ResultTables";
import { Standing } from "./Standing";

interface ResultsProps {
  experiment: ExperimentBody;
  reading: Reading;
  onRead: (reading: Reading) => void;
}

/** What the votes of a phase have said. */
export function Results({ experiment, reading, onRead }: ResultsProps) {
  const words = texts.judge.experiments.results;
  const mayRead = useHasRole("evaluator", "brand_engineer");
  const started = experiment.phase > 0;
  const results = useQuery({ ...resultsQuery(experiment.id, reading), enabled: mayRead && started });
  if (!mayRead) return <Empty title={words.noJudge} />;
  if (!started) return <Empty title={words.notStarted} />;
  if (results.error && !results.data) {
    if (asProblem(results.error).code === "withheld") return <Withheld id={experiment.id} />;
    // What was chosen stays to be chosen otherwise: a judge may have nothing to say here.
    return (
      <div className="grid gap-8">
        <Choices experiment={experiment} reading={reading} onRead={onRead} />
        <Failed error={results.error} onRetry={results.refetch} />
      </div>
    );
  }
  if (!results.data) {
    return (
      <Loading>
        <Skeleton className="h-40 rounded-2xl" />
        <Skeleton className="h-28" />
      </Loading>
    );
  }
  return (
    <div className="grid gap-8">
      <Choices experiment={experiment} reading={reading} onRead={onRead} />
      <Standing results={results.data} definition={experiment.definition} />
      {results.data.forest.rows.length > 0 && <Forest forest={results.data.forest} arms={results.data.arms} />}
      <ResultTables results={results.data} />
      <Exports id={experiment.id} phase={reading.phase} />
    </div>
  );
}

function Withheld({ id }: { id: string }) {
  const words = texts.judge.experiments;
  return (
    <Empty
      icon={<EyeOff aria-hidden />}
      title={words.results.withheld}
      action={
        <Link to="/app/judge/$experimentId" params={{ experimentId: id }} className={buttonLook({ look: "primary" })}>
          {words.vote}
        </Link>
      }
    >
      {words.results.withheldLead}
    </Empty>
  );
}

function Choices({ experiment, reading, onRead }: ResultsProps) {
  const words = texts.judge.experiments.results;
  const phases = Array.from({ length: experiment.phase }, (_, i) => experiment.phase - i);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      {phases.length > 1 && (
        <Select
          aria-label={words.phase}
          className="w-auto"
          value={reading.phase ?? experiment.phase}
          onChange={(event) => {
            const phase = Number(event.currentTarget.value);
            onRead({ ...reading, phase: phase === experiment.phase ? undefined : phase });
          }}
        >
          {phases.map((phase) => (
            <option key={phase} value={phase}>
              {texts.judge.experiments.phase(phase)}
            </option>
          ))}
        </Select>
      )}
      <Select
        aria-label={words.by.label}
        className="w-auto"
        value={reading.by ?? ""}
        onChange={(event) => onRead({ ...reading, by: (event.currentTarget.value || undefined) as Reading["by"] })}
      >
        <option value="">{words.by.none}</option>
        <option value="asset_type">{words.by.asset_type}</option>
        <option value="quality">{words.by.quality}</option>
      </Select>
      <Select
        aria-label={words.judge.label}
        className="w-auto"
        value={reading.judge ?? ""}
        onChange={(event) => onRead({ ...reading, judge: event.currentTarget.value || undefined })}
      >
        <option value="">{words.judge.none}</option>
        <option value="ppi">{words.judge.ppi}</option>
        <option value="ppi:fidelity">{words.judge.fidelity}</option>
        <option value="ppi:learned-linear">{words.judge.learned}</option>
      </Select>
      <Checkbox
        label={words.style}
        title={words.styleHint}
        checked={reading.style ?? false}
        onChange={(event) => onRead({ ...reading, style: event.currentTarget.checked || undefined })}
      />
    </div>
  );
}

function Exports({ id, phase }: { id: string; phase: number | undefined }) {
  const words = texts.judge.experiments.results;
  const [error, setError] = useState<unknown>(null);
  const save = (kind: "csv" | "parquet") => {
    const query = phase === undefined ? "" : `?phase=${phase}`;
    download(`experiments/${encodeURIComponent(id)}/votes.${kind}${query}`, `${id}-votes.${kind}`).then(
      () => setError(null),
      setError,
    );
  };
  return (
    <section className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-[13px] text-soft">{words.export}</span>
        <Button size="small" onClick={() => save("csv")}>
          <Download className="size-3.5" aria-hidden />
          {words.csv}
        </Button>
        <Button size="small" onClick={() => save("parquet")}>
          <Download className="size-3.5" aria-hidden />
          {words.parquet}
        </Button>
      </div>
      <Refusal error={error} />
    </section>
  );
}
