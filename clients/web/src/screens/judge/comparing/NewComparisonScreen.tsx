import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { assetTypesQuery, modelsQuery } from "@/api/catalogue";
import { orderComparison, planComparison } from "@/api/comparisons";
import { asProblem } from "@/api/problem";
import { promptSetsQuery } from "@/api/promptSets";
import { Button } from "@/parts/Button";
import { duration } from "@/parts/dates";
import { Checkbox, Field, Group, Input, Select, Slider, Textarea } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { newWay, wayAt } from "../experiments/draft";
import { WayFields } from "../experiments/WayFields";
import { JudgePage } from "../JudgePage";
import { inWords } from "../overlay";
import { type CompareDraft, EMPTY, orderOf, TODAY } from "./order";

/** What the studio draws where no type is named. */
const DEFAULT_TYPE = "icon";

/** What is to be compared at once. */
export function NewComparisonScreen() {
  const words = texts.judge.comparing;
  const { set } = useSearch({ from: "/studio/app/compare-ways/new" });
  const models = useQuery(modelsQuery).data?.models ?? [];
  const catalogue = useQuery(assetTypesQuery).data;
  const sets = useQuery(promptSetsQuery).data?.entries ?? [];
  const [draft, setDraft] = useState<CompareDraft>({ ...EMPTY, ...(set && { on: "set" as const, set, seeds: 1 }) });
  const change = (part: Partial<CompareDraft>) => setDraft((now) => ({ ...now, ...part }));
  const single = models.length === 1;
  const asked: CompareDraft = single ? { ...draft, by: "ways" } : draft;
  const order = orderOf(asked);
  const plan = useQuery({
    queryKey: ["compare", "plan", order],
    queryFn: () => planComparison(order ?? ({} as never)),
    enabled: order !== null,
    retry: false,
    staleTime: 30_000,
  });
  const client = useQueryClient();
  const navigate = useNavigate();
  const compare = useMutation({
    mutationFn: (key: string) => orderComparison(order ?? ({} as never), key),
    onSuccess: async ({ comparison_id }) => {
      await client.invalidateQueries({ queryKey: ["comparisons"] });
      toast(words.accepted);
      await navigate({ to: "/app/compare-ways/$comparisonId", params: { comparisonId: comparison_id } });
    },
  });
  const problem = compare.error ? asProblem(compare.error) : order && plan.error ? asProblem(plan.error) : null;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  // `today` is the first of the arms that are sent.
  const atWay = asked.by === "ways" ? wayAt(problem?.field ?? null) : null;
  const shownAt = atWay !== null || ["prompt", "prompt_set", "seeds", "models"].includes(problem?.field ?? "");
  const send = () => order && !compare.isPending && compare.mutate(crypto.randomUUID());
  useShortcut("mod+Enter", words.submit, send, { whileTyping: true });

  function submit(event: FormEvent) {
    event.preventDefault();
    send();
  }

  return (
    <JudgePage title={words.add} lead={words.lead}>
      <form onSubmit={submit} className="grid max-w-3xl gap-6" noValidate>
        <Group label={words.what}>
          <Segments
            label={words.what}
            value={draft.on}
            onChange={(on) => change({ on, seeds: on === "set" ? 1 : 2 })}
            choices={[
              { value: "prompt", label: words.one },
              { value: "set", label: words.set },
            ]}
          />
        </Group>
        {draft.on === "prompt" ? (
          <div className="grid gap-4">
            <Field label={words.prompt} error={at("prompt")}>
              {(given) => (
                <Textarea
                  {...given}
                  maxLength={2000}
                  value={draft.prompt}
                  onChange={(event) => change({ prompt: event.currentTarget.value })}
                />
              )}
            </Field>
            <Field label={words.type}>
              {(given) => (
                <Select
                  {...given}
                  value={draft.type || DEFAULT_TYPE}
                  onChange={(event) => change({ type: event.currentTarget.value })}
                >
                  {catalogue?.asset_types.map((type) => (
                    <option key={type.id} value={type.id}>
                      {type.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
        ) : (
          <Field label={words.promptSet} error={at("prompt_set")}>
            {(given) => (
              <Select {...given} value={draft.set} onChange={(event) => change({ set: event.currentTarget.value })}>
                <option value="">{texts.common.none}</option>
                {sets.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Group label={words.ways} hint={single ? words.oneModel : words.modelsHint} error={at("models")}>
          {!single && (
            <Segments
              label={words.ways}
              value={draft.by}
              onChange={(by) => change({ by })}
              choices={[
                { value: "models", label: words.models },
                { value: "ways", label: words.overlays },
              ]}
            />
          )}
          {asked.by === "models" && (
            <div className="mt-2 grid gap-1 sm:grid-cols-2">
              {models.map((model) => (
                <Checkbox
                  key={model.id}
                  label={model.name}
                  checked={draft.models.includes(model.id)}
                  onChange={(event) =>
                    change({
                      models: event.currentTarget.checked
                        ? [...draft.models, model.id]
                        : draft.models.filter((id) => id !== model.id),
                    })
                  }
                />
              ))}
            </div>
          )}
        </Group>
        {asked.by === "ways" && (
          <div className="grid gap-3">
            <div className="rounded-xl border border-line bg-sheet px-4 py-3">
              <p className="font-semibold">{TODAY}</p>
              <p className="text-[13px] text-soft">{inWords({ loras: [], steps: {}, stages: {} })}</p>
            </div>
            {draft.ways.map((way, place) => (
              <WayFields
                key={way.key}
                way={way}
                place={place}
                error={atWay === place ? (problem?.message ?? null) : null}
                onChange={(now) => change({ ways: draft.ways.map((one) => (one.key === way.key ? now : one)) })}
                onRemove={
                  draft.ways.length > 1 ? () => change({ ways: draft.ways.filter((one) => one.key !== way.key) }) : null
                }
              />
            ))}
            {draft.ways.length < 7 && (
              <Button
                className="justify-self-start"
                onClick={() =>
                  change({ ways: [...draft.ways, newWay(Math.max(...draft.ways.map((one) => one.key)) + 1)] })
                }
              >
                <Plus className="size-4" aria-hidden />
                {texts.judge.newExperiment.addArm}
              </Button>
            )}
          </div>
        )}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={words.quality}>
            {(given) => (
              <Select
                {...given}
                value={draft.quality}
                onChange={(event) => change({ quality: event.currentTarget.value })}
              >
                {catalogue?.qualities.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={words.seeds} error={at("seeds")}>
            {(given) => (
              <Slider {...given} min={1} max={8} step={1} value={draft.seeds} onChange={(seeds) => change({ seeds })} />
            )}
          </Field>
        </div>
        <Field label={words.name} hint={words.nameHint}>
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
        <Checkbox
          label={words.blind}
          checked={draft.blind}
          onChange={(event) => change({ blind: event.currentTarget.checked })}
        />
        {!shownAt && <Refusal error={problem} onRetry={send} />}
        <div className="flex flex-wrap items-center gap-4">
          <Button type="submit" look="primary" size="large" disabled={order === null || compare.isPending}>
            {words.submit}
          </Button>
          {order && plan.data && (
            <span className="text-[13px] text-soft">
              {words.plan(plan.data.pictures, duration(plan.data.estimated_time_seconds))}
            </span>
          )}
        </div>
      </form>
    </JudgePage>
  );
}
