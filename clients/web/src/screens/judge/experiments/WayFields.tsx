import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { modelsQuery } from "@/api/catalogue";
import { Button } from "@/parts/Button";
import { Field, Group, Input, Select, Slider } from "@/parts/Field";
import { texts } from "@/texts";
import { type WayDraft, wayId } from "./draft";
import { LoraOfWay } from "./LoraOfWay";

interface WayFieldsProps {
  way: WayDraft;
  place: number;
  /** Its weight counts: people are shared out. */
  splits?: boolean;
  error: string | null;
  onChange: (way: WayDraft) => void;
  onRemove: (() => void) | null;
}

/** One way of drawing: what it changes of what is live. */
export function WayFields({ way, place, splits, error, onChange, onRemove }: WayFieldsProps) {
  const words = texts.judge.newExperiment;
  const models = useQuery(modelsQuery).data?.models ?? [];
  const change = (part: Partial<WayDraft>) => onChange({ ...way, ...part });
  const remove = onRemove && (
    <Button look="quiet" size="icon" aria-label={words.removeArm} title={words.removeArm} onClick={onRemove}>
      <Trash2 className="size-4" aria-hidden />
    </Button>
  );
  return (
    <div className="rounded-xl border border-line bg-sheet px-4 pt-3 pb-4">
      <Group label={words.arm(place + 1)} aside={remove} error={error}>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={words.armId}>
            {(given) => (
              <Input
                {...given}
                maxLength={64}
                placeholder={wayId(way, place)}
                value={way.id}
                onChange={(event) => change({ id: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={words.model}>
            {(given) => (
              <Select {...given} value={way.model} onChange={(event) => change({ model: event.currentTarget.value })}>
                <option value="">{words.sameModel}</option>
                {models.map((model) => (
                  <option key={model.id} value={model.id}>
                    {model.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <LoraOfWay way={way} onChange={change} />
          <Field label={words.steps}>
            {(given) => (
              <Input
                {...given}
                inputMode="numeric"
                placeholder={words.sameSteps}
                value={way.steps}
                onChange={(event) => change({ steps: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={words.guidance}>
            {(given) => (
              <Input
                {...given}
                inputMode="decimal"
                placeholder={words.sameSteps}
                value={way.guidance}
                onChange={(event) => change({ guidance: event.currentTarget.value })}
              />
            )}
          </Field>
          {splits && (
            <Field label={words.weight}>
              {(given) => (
                <Slider
                  {...given}
                  min={0}
                  max={5}
                  step={0.25}
                  value={way.weight}
                  onChange={(weight) => change({ weight })}
                />
              )}
            </Field>
          )}
        </div>
      </Group>
    </div>
  );
}
