import type { ImageBody, JobBody } from "@openapi";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import type { GoingOn } from "@/api/drawing";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Group, Slider, Textarea } from "@/parts/Field";
import { Picture } from "@/parts/Picture";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";
import { useGoOn } from "../ordering";
import { toLookAt } from "./files";

export type GoOnKind = "like" | "tweak" | "finish";

interface GoOnDialogProps {
  kind: GoOnKind;
  job: JobBody;
  image: ImageBody;
  onClose: () => void;
  onOrdered: (jobId: string) => void;
}

const LIKE_COUNT = 4;

/** Going on from one picture: more like it, other words for it, or a better one of it. */
export function GoOnDialog({ kind, job, image, onClose, onOrdered }: GoOnDialogProps) {
  const own = texts.jobs[kind];
  const formId = useId();
  const qualities = useQuery(assetTypesQuery).data?.qualities ?? [];
  const better = qualities.slice(qualities.findIndex((one) => one.id === job.quality) + 1);
  const [closeness, setCloseness] = useState(0.5);
  const [prompt, setPrompt] = useState(job.prompt);
  const [quality, setQuality] = useState<string | null>(null);
  const [strength, setStrength] = useState(0.35);
  const chosen = quality ?? better.at(-1)?.id ?? "ultra";
  const goOn = useGoOn();
  const order = useMutation({
    mutationFn: () => {
      const count = kind === "like" ? LIKE_COUNT : 1;
      const size = kind === "finish" ? null : `${image.width}x${image.height}`;
      return goOn(bodyOf(), { prompt: kind === "tweak" ? prompt : job.prompt, count, size });
    },
    onSuccess: (accepted) => {
      onClose();
      if (accepted) onOrdered(accepted.job_id);
    },
  });
  const bodyOf = (): GoingOn => {
    const asset_id = `${job.job_id}/${image.index}`;
    if (kind === "like") return { call: kind, body: { asset_id, closeness, num_variations: LIKE_COUNT } };
    if (kind === "tweak") return { call: kind, body: { asset_id, prompt: prompt.trim() } };
    return { call: kind, body: { asset_id, quality: chosen, strength } };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    order.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={own.of(image.index + 1)}
      description={own.lead}
      foot={
        <Button
          look="primary"
          type="submit"
          form={formId}
          disabled={order.isPending || (kind === "tweak" && !prompt.trim())}
        >
          {own.go}
        </Button>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-4 sm:grid-cols-[9rem_minmax(0,1fr)]">
        <Picture
          url={toLookAt(image)}
          alt=""
          width={image.width}
          height={image.height}
          className="max-w-36 self-start"
        />
        <div className="grid content-start gap-4">
          {kind === "like" && (
            <Field label={texts.jobs.like.closeness} name="closeness">
              {(given) => (
                <div>
                  <Slider
                    {...given}
                    min={0}
                    max={1}
                    step={0.05}
                    value={closeness}
                    onChange={setCloseness}
                    shown={closeness.toFixed(2)}
                  />
                  <p className="flex justify-between pr-13 text-xs text-soft">
                    <span>{texts.jobs.like.far}</span>
                    <span>{texts.jobs.like.near}</span>
                  </p>
                </div>
              )}
            </Field>
          )}
          {kind === "tweak" && (
            <Field label={texts.jobs.tweak.prompt} name="prompt">
              {(given) => (
                <Textarea
                  {...given}
                  value={prompt}
                  onChange={(event) => setPrompt(event.currentTarget.value)}
                  onKeyDown={(event) => {
                    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                      event.preventDefault();
                      event.stopPropagation();
                      order.mutate();
                    }
                  }}
                />
              )}
            </Field>
          )}
          {kind === "finish" && (
            <>
              <Group label={texts.jobs.finish.quality}>
                <Segments
                  label={texts.jobs.finish.quality}
                  value={chosen}
                  onChange={setQuality}
                  choices={better.map((one) => ({ value: one.id, label: one.name, title: one.description }))}
                />
              </Group>
              <Field label={texts.jobs.finish.strength} name="strength">
                {(given) => (
                  <Slider
                    {...given}
                    min={0.05}
                    max={0.6}
                    step={0.05}
                    value={strength}
                    onChange={setStrength}
                    shown={`${Math.round(strength * 100)} %`}
                  />
                )}
              </Field>
            </>
          )}
          <Refusal error={order.error} onRetry={() => order.mutate()} />
        </div>
      </form>
    </Dialog>
  );
}
