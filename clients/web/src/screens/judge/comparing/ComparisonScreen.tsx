import type { ComparisonBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useState } from "react";
import { cancelBatch } from "@/api/batches";
import { comparisonQuery, comparisonsQuery } from "@/api/comparisons";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { download } from "@/parts/download";
import { Progress } from "@/parts/Progress";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { DataTable } from "../DataTable";
import { JudgePage } from "../JudgePage";
import { ComparedPrompts } from "./ComparedPrompts";

/** A comparison: its prompts with their sides, what was picked, and who was who. */
export function ComparisonScreen() {
  const { comparisonId } = useParams({ from: "/studio/app/compare-ways/$comparisonId" });
  const words = texts.judge.comparing;
  const comparison = useQuery(comparisonQuery(comparisonId));
  if (comparison.error && !comparison.data) {
    return (
      <JudgePage title={words.title} wide>
        <Failed error={comparison.error} onRetry={comparison.refetch} />
      </JudgePage>
    );
  }
  if (!comparison.data) {
    return (
      <JudgePage title={words.title} wide>
        <Loading>
          <div className="grid grid-cols-2 gap-3">
            <Skeleton className="aspect-square" />
            <Skeleton className="aspect-square" />
          </div>
        </Loading>
      </JudgePage>
    );
  }
  return <Known comparison={comparison.data} />;
}

function Known({ comparison }: { comparison: ComparisonBody }) {
  const words = texts.judge.comparing;
  const [error, setError] = useState<unknown>(null);
  const { comparison_id: id, prompts, status, progress, blind, revealed } = comparison;
  const client = useQueryClient();
  // A comparison is a batch, and what of it is not drawn yet is canceled as any other's.
  const cancel = useMutation({
    mutationFn: () => cancelBatch(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: comparisonQuery(id).queryKey });
      client.invalidateQueries({ queryKey: comparisonsQuery.queryKey });
      toast(words.canceled);
    },
  });
  const picked = prompts.filter((row) => row.picked != null).length;
  const title = comparison.name || (prompts.length === 1 ? (prompts[0]?.text ?? "") : words.unnamed);
  const drawing = status === "queued" || status === "processing";
  const sheet = () => download(`compare/${id}/sheet?format=webp`, `${id}.webp`).then(() => setError(null), setError);
  return (
    <JudgePage
      title={title}
      wide
      lead={blind && !revealed ? words.reveal : undefined}
      actions={
        <>
          {drawing && (
            <Button look="danger" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
              {words.cancel}
            </Button>
          )}
          <Button onClick={sheet} disabled={drawing && progress === 0}>
            <Download className="size-4" aria-hidden />
            {words.sheet}
          </Button>
        </>
      }
    >
      <div className="-mt-2 mb-6 grid gap-3">
        <p className="flex flex-wrap items-center gap-3 text-[13px] text-soft">
          <Badge tone={drawing ? "accent" : status === "complete" ? "good" : "plain"}>{words.status[status]}</Badge>
          <span>{words.picked(picked, prompts.length)}</span>
        </p>
        {drawing && <Progress value={progress} label={words.progress} />}
        <Refusal error={error ?? cancel.error} />
      </div>
      {revealed && picked > 0 && <Winners comparison={comparison} />}
      <ComparedPrompts comparison={comparison} />
    </JudgePage>
  );
}

function Winners({ comparison }: { comparison: ComparisonBody }) {
  const words = texts.judge.comparing;
  const rows = Object.entries(comparison.picks).sort(([, a], [, b]) => b - a);
  return (
    <div className="mb-8 max-w-md">
      <DataTable
        caption={words.revealed}
        rows={rows}
        keyOf={([way]) => way}
        columns={[
          { head: words.ways, cell: ([way]) => (way === "none" ? words.none_ : way) },
          { head: words.best, number: true, cell: ([, times]) => times },
        ]}
      />
    </div>
  );
}
