import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { addExperiment } from "@/api/experiments";
import { asProblem } from "@/api/problem";
import { promptSetsQuery } from "@/api/promptSets";
import { Button } from "@/parts/Button";
import { Checkbox, Field, Group, Input, Select, Textarea } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { type ExperimentDraft, entryOf, faultsOf, idOf, type Next, newWay, wayAt } from "./draft";
import { Rules } from "./Rules";
import { WayFields } from "./WayFields";

const MODES: ExperimentDraft["mode"][] = ["paired", "replay", "shadow", "split"];

interface ExperimentFormProps {
  start: ExperimentDraft;
  /** What it is the next version of; a new experiment if absent. */
  next?: Next;
}

/** What is compared, on what, and until when. */
export function ExperimentForm({ start, next }: ExperimentFormProps) {
  const words = texts.judge.newExperiment;
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const change = (part: Partial<ExperimentDraft>) => setDraft((now) => ({ ...now, ...part }));
  const catalogue = useQuery(assetTypesQuery).data;
  const sets = useQuery(promptSetsQuery).data?.entries ?? [];
  const client = useQueryClient();
  const navigate = useNavigate();
  const qualities = catalogue?.qualities.map((one) => one.id) ?? [];
  const add = useMutation({
    mutationFn: () => addExperiment(entryOf(draft, qualities, next)),
    onSuccess: async (entry) => {
      await client.invalidateQueries({ queryKey: ["experiments"] });
      client.invalidateQueries({ queryKey: ["experiment", entry.id] });
      toast(next ? words.addedVersion(entry.version) : words.added(draft.name.trim()));
      await navigate({ to: "/app/experiments/$experimentId", params: { experimentId: entry.id } });
    },
  });
  const faults = faultsOf(draft);
  const problem = add.error ? asProblem(add.error) : null;
  const atWay = wayAt(problem?.field ?? null);
  const shownAt = problem && (atWay !== null || problem.field === "id" || problem.field === "prompt_set");

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!faults.name && faults.changesNothing.length === 0) add.mutate();
  }

  const toggle = (list: readonly string[], id: string) =>
    list.includes(id) ? list.filter((one) => one !== id) : [...list, id];
  return (
    <form onSubmit={submit} className="grid max-w-3xl gap-7" noValidate>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label={words.name} error={tried && faults.name ? words.nameNeeded : null}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              maxLength={100}
              value={draft.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={words.id} hint={words.idHint} error={problem?.field === "id" ? problem.message : null}>
          {(given) => (
            <Input
              {...given}
              maxLength={64}
              readOnly={next !== undefined}
              value={draft.id ?? idOf(draft.name)}
              onChange={(event) => change({ id: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <Field label={words.description} hint={words.descriptionHint}>
        {(given) => (
          <Textarea
            {...given}
            maxLength={1000}
            value={draft.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
        )}
      </Field>
      <Group label={words.mode} hint={texts.judge.experiments.modeLead[draft.mode]}>
        <Segments
          label={words.mode}
          value={draft.mode}
          onChange={(mode) => change({ mode })}
          choices={MODES.map((value) => ({ value, label: texts.judge.experiments.modes[value] }))}
        />
      </Group>
      <section className="grid gap-3">
        <h2 className="text-base font-semibold">{words.arms}</h2>
        <div className="rounded-xl border border-line bg-sheet px-4 py-3">
          <p className="font-semibold">{words.champion}</p>
          <p className="text-[13px] text-soft">{words.championHint}</p>
        </div>
        {draft.ways.map((way, place) => (
          <WayFields
            key={way.key}
            way={way}
            place={place}
            splits={draft.mode === "split"}
            error={
              atWay === place
                ? (problem?.message ?? null)
                : tried && faults.changesNothing.includes(place)
                  ? words.changesNothing
                  : null
            }
            onChange={(now) => change({ ways: draft.ways.map((one) => (one.key === way.key ? now : one)) })}
            onRemove={
              draft.ways.length > 1 ? () => change({ ways: draft.ways.filter((one) => one.key !== way.key) }) : null
            }
          />
        ))}
        <Button
          className="justify-self-start"
          onClick={() => {
            const key = Math.max(...draft.ways.map((one) => one.key)) + 1;
            change({ ways: [...draft.ways, newWay(key)] });
          }}
        >
          <Plus className="size-4" aria-hidden />
          {words.addArm}
        </Button>
      </section>
      <section className="grid gap-4">
        <h2 className="text-base font-semibold">{words.scope}</h2>
        <Group label={words.types} hint={words.all}>
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            {catalogue?.asset_types.map((type) => (
              <Checkbox
                key={type.id}
                label={type.name}
                checked={draft.types.includes(type.id)}
                onChange={() => change({ types: toggle(draft.types, type.id) })}
              />
            ))}
          </div>
        </Group>
        <Group label={words.qualities} hint={words.all}>
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            {catalogue?.qualities.map((quality) => (
              <Checkbox
                key={quality.id}
                label={quality.name}
                checked={draft.qualities.includes(quality.id)}
                onChange={() => change({ qualities: toggle(draft.qualities, quality.id) })}
              />
            ))}
          </div>
        </Group>
        <Field label={words.promptSet} error={problem?.field === "prompt_set" ? problem.message : null}>
          {(given) => (
            <Select
              {...given}
              value={draft.promptSet}
              onChange={(event) => change({ promptSet: event.currentTarget.value })}
            >
              <option value="">{words.noPromptSet}</option>
              {sets.map((set) => (
                <option key={set.id} value={set.id}>
                  {set.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </section>
      <Rules draft={draft} onChange={change} />
      {!shownAt && <Refusal error={add.error} onRetry={() => add.mutate()} />}
      <Button type="submit" look="primary" size="large" className="justify-self-start" disabled={add.isPending}>
        {next ? words.submitVersion(next.version) : words.submit}
      </Button>
    </form>
  );
}
