import type { Operations } from "@/api/operations";
import { Progress } from "@/parts/Progress";
import { texts } from "@/texts";

/** Who may take how much of a GPU, as planned before the start. */
export function Gpus({ gpus }: { gpus: Operations["gpus"] }) {
  const said = texts.operators.running;
  const ledger = gpus.ledger.filter((line) => line.share > 0);
  if (ledger.length === 0) return <p className="text-soft">{said.noGpus}</p>;
  return (
    <div className="grid gap-4">
      {gpus.count !== null && gpus.memory_gb !== null && (
        <p className="font-medium">{said.gpuCount(gpus.count, gpus.memory_gb)}</p>
      )}
      <ul className="grid gap-4">
        {ledger.map((line) => (
          <li key={line.deployment} className="grid gap-1.5">
            <p className="flex flex-wrap justify-between gap-x-4 text-[13px]">
              <span className="break-all">{line.deployment}</span>
              <span className="text-soft tabular-nums">
                {said.ledger(
                  `${Math.round(100 * line.share)} %`,
                  line.predicted_gb === null ? null : said.gb(line.predicted_gb),
                )}{" "}
                · {said.most(line.replicas_always, line.replicas_most)}
              </span>
            </p>
            <Progress value={line.share} label={line.deployment} />
          </li>
        ))}
      </ul>
    </div>
  );
}
