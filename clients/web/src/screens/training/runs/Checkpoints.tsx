import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { adoptCheckpoint, type Training, trainingPictureUrl } from "@/api/trainings";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Slider } from "@/parts/Field";
import { Picture } from "@/parts/Picture";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { forgetLibrary } from "@/screens/makers/forgetting";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { lossText, meanOf } from "./curve";

const said = texts.training.one;

/** What is kept on the way, the newest first: what it drew then, its loss, and the way into the library. */
export function Checkpoints({ training }: { training: Training }) {
  const [adopting, setAdopting] = useState<number | null>(null);
  const mayTrain = useHasRole("designer", "brand_engineer");
  const checkpoints = [...training.checkpoints].sort((one, other) => other.step - one.step);
  if (checkpoints.length === 0) return <p className="text-[13px] text-soft">{said.noCheckpoints}</p>;
  return (
    <>
      <ul className="divide-y divide-line">
        {checkpoints.map(({ step, held_out, samples }) => {
          const loss = meanOf(Object.values(held_out));
          const isAdapter = training.adapter?.step === step;
          return (
            <li key={step} className="grid gap-2.5 py-3.5 first:pt-0">
              <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
                <span className="min-w-20 font-semibold tabular-nums">
                  {said.step} {step.toLocaleString("en")}
                </span>
                {loss !== null && (
                  <span className="text-[13px] text-soft tabular-nums">
                    {said.heldOutLoss} {lossText(loss)}
                  </span>
                )}
                {isAdapter && <Badge tone="good">{said.isAdapter}</Badge>}
                {!isAdapter && mayTrain && (
                  <Button size="small" look="quiet" className="ml-auto" onClick={() => setAdopting(step)}>
                    {said.adopt}
                  </Button>
                )}
              </div>
              {samples.length > 0 && (
                <ul aria-label={said.samples(step)} className="flex gap-2 overflow-x-auto">
                  {samples.map((sha256, place) => (
                    <li key={sha256} className="w-28 shrink-0">
                      <Picture
                        url={trainingPictureUrl(training.job_id, sha256)}
                        alt={sampleName(training, place, step)}
                        width={1}
                        height={1}
                      />
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
      {adopting !== null && <Adopt training={training} step={adopting} onClose={() => setAdopting(null)} />}
    </>
  );
}

function sampleName(training: Training, place: number, step: number): string {
  const prompts = training.settings.sample_prompts;
  const name = said.sample(place + 1, step);
  const prompt = prompts[place];
  return prompt ? `${name}: ${prompt}` : name;
}

interface AdoptProps {
  training: Training;
  step: number;
  strength?: number;
  onClose: () => void;
}

/** Another checkpoint than the one that was recommended becomes a version of the LoRA. */
export function Adopt({ training, step, strength: start = 1, onClose }: AdoptProps) {
  const form = useId();
  const client = useQueryClient();
  const [strength, setStrength] = useState(start);
  const adopting = useMutation({
    mutationFn: () => adoptCheckpoint(training.job_id, { step, strength, mark: "candidate" }),
    onSuccess: async (adapter) => {
      forgetLibrary(client);
      await client.invalidateQueries({ queryKey: ["training", training.job_id] });
      toast(said.adopted(adapter.lora, adapter.version));
      onClose();
    },
  });
  return (
    <Dialog
      open
      title={said.adoptTitle(step)}
      description={said.adoptLead}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={adopting.isPending}>
            {said.adopt}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-3"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          adopting.mutate();
        }}
      >
        <Field label={said.strength}>
          {(given) => <Slider {...given} min={0.1} max={1.5} step={0.05} value={strength} onChange={setStrength} />}
        </Field>
        <Refusal error={adopting.error} onRetry={() => adopting.mutate()} />
      </form>
    </Dialog>
  );
}
