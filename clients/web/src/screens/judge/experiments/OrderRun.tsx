import type { ExperimentBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { orderRun } from "@/api/experiments";
import { asProblem } from "@/api/problem";
import { promptSetsQuery } from "@/api/promptSets";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox, Field, Select, Slider } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

/** Has every arm draw a prompt set. */
export function OrderRun({ experiment, onClose }: { experiment: ExperimentBody; onClose: () => void }) {
  const words = texts.judge.experiments.runs;
  const own = experiment.definition.prompt_set;
  const sets = useQuery(promptSetsQuery);
  const client = useQueryClient();
  const [set, setSet] = useState("");
  const [seeds, setSeeds] = useState(1);
  const [fresh, setFresh] = useState(false);
  const order = useMutation({
    mutationFn: () => orderRun(experiment.id, { kind: "replay", prompt_set: set || null, seeds, fresh }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["experiment", experiment.id, "runs"] });
      toast(words.ordered);
      onClose();
    },
  });
  const problem = order.error ? asProblem(order.error) : null;
  const entries = sets.data?.entries ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.order}
      description={words.orderLead}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" disabled={order.isPending} onClick={() => order.mutate()}>
            {words.order}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label={words.promptSet} error={problem?.field === "prompt_set" ? problem.message : null}>
          {(given) => (
            <Select {...given} value={set} onChange={(event) => setSet(event.currentTarget.value)}>
              <option value="">{own ? `${words.own} (${own})` : words.own}</option>
              {entries.map((entry) => (
                <option key={entry.id} value={entry.id}>
                  {entry.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={words.seeds}>
          {(given) => <Slider {...given} min={1} max={8} step={1} value={seeds} onChange={setSeeds} />}
        </Field>
        <Checkbox label={words.fresh} checked={fresh} onChange={(event) => setFresh(event.currentTarget.checked)} />
        {problem?.field !== "prompt_set" && <Refusal error={order.error} onRetry={() => order.mutate()} />}
      </div>
    </Dialog>
  );
}
