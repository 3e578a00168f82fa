import type { DatasetSummary, ModelBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Images } from "lucide-react";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { modelsQuery } from "@/api/catalogue";
import { newKey } from "@/api/drawing";
import { asProblem } from "@/api/problem";
import { beginTraining, type Order } from "@/api/trainings";
import { Button, buttonLook } from "@/parts/Button";
import { Checkbox, Field, Group, Input, Select } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Empty, Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { Key } from "@/shortcuts/ShortcutList";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { type OrderDraft, orderOf, wrongIn } from "./draft";
import { Estimate } from "./Estimate";
import { SettingsFold } from "./SettingsFold";
import { usePlans } from "./usePlans";

const said = texts.training.make;

interface OrderFormProps {
  start: OrderDraft;
  datasets: readonly DatasetSummary[];
}

/** What is learned, on what, and when; what it takes stands beside it before anything begins. */
export function OrderForm({ start, datasets }: OrderFormProps) {
  const [draft, setDraft] = useState(start);
  const change = (part: Partial<OrderDraft>) => setDraft((now) => ({ ...now, ...part }));
  const order = useMemo(() => orderOf(draft), [draft]);
  const { plans, problem: planned, asking, again } = usePlans(order);
  const begin = useBegin();
  const problem = begin.error ? asProblem(begin.error) : planned;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  const setting = problem?.field?.startsWith("settings.") ? problem.field.slice("settings.".length) : null;
  const wrong = wrongIn(draft);
  const send = () => order && !begin.isPending && begin.mutate(order);
  useShortcut("mod+Enter", said.submit, send, { whileTyping: true });
  if (datasets.length === 0) {
    return (
      <Empty
        icon={<Images aria-hidden />}
        title={said.noDataset}
        action={
          <Link to="/app/training/datasets/new" className={buttonLook({ look: "primary" })}>
            {said.makeDataset}
          </Link>
        }
      >
        {texts.datasets.empty.lead}
      </Empty>
    );
  }
  return (
    <form
      noValidate
      aria-label={said.title}
      className="grid items-start gap-x-10 gap-y-6 md:grid-cols-[minmax(0,1fr)_18rem]"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <div className="grid items-start gap-5 sm:grid-cols-2">
          <DatasetField
            label={said.dataset}
            none={said.chooseDataset}
            value={draft.dataset}
            datasets={datasets}
            error={at("dataset")}
            onChange={(dataset) => change({ dataset, ...(draft.lora ? {} : { lora: dataset.split("@")[0] ?? "" }) })}
          />
          <ModelField value={draft.model} error={at("model")} onChange={(model) => change({ model, settings: {} })} />
          <Field label={said.lora} hint={said.loraHint} error={at("lora")} name="lora">
            {(given) => (
              <Input
                {...given}
                className="font-mono"
                maxLength={64}
                value={draft.lora}
                onChange={(event) => change({ lora: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={said.name} hint={said.nameHint} error={at("name")} name="name">
            {(given) => (
              <Input
                {...given}
                dir="auto"
                maxLength={200}
                value={draft.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
        <Group
          label={said.schedule}
          hint={said.scheduleHint[draft.schedule]}
          error={at("schedule")}
          className="max-w-sm"
        >
          <Segments
            label={said.schedule}
            value={draft.schedule}
            onChange={(schedule) => change({ schedule })}
            choices={(["now", "overnight"] as const).map((value) => ({ value, label: said.schedules[value] }))}
          />
        </Group>
        <SettingsFold
          filled={draft.settings}
          usual={Object.keys(draft.settings).length === 0 ? plans?.trainings[0]?.settings : undefined}
          wrong={wrong}
          refused={setting && problem ? { [setting]: problem.message } : {}}
          onChange={(settings) => change({ settings })}
        />
        <Group label={said.sweep} hint={said.sweepHint} error={at("sweep")}>
          <div className="grid items-start gap-5 sm:grid-cols-2">
            <NumbersField
              label={said.seeds}
              value={draft.seeds}
              wrong={wrong.includes("seeds")}
              onChange={(seeds) => change({ seeds })}
            />
            <NumbersField
              label={said.ranks}
              value={draft.ranks}
              wrong={wrong.includes("ranks")}
              onChange={(ranks) => change({ ranks })}
            />
          </div>
        </Group>
        <Checkbox
          label={said.judged}
          checked={draft.judged}
          onChange={(event) => change({ judged: event.currentTarget.checked })}
        />
        <DatasetField
          label={said.prior}
          hint={said.priorHint}
          none={said.noPrior}
          value={draft.prior}
          datasets={datasets.filter((one) => one.id !== draft.dataset.split("@")[0])}
          error={at("prior")}
          onChange={(prior) => change({ prior })}
        />
      </div>
      <div className="grid gap-5 rounded-2xl border border-line bg-sheet p-5 md:sticky md:top-6">
        <Estimate plans={plans} problem={begin.error ? null : planned} asking={asking} onAgain={again} />
        <Refusal error={begin.error} onRetry={send} />
        <Button type="submit" look="primary" size="large" disabled={!order || begin.isPending}>
          {said.submit}
          <span className="max-md:hidden">
            <Key>Ctrl ⏎</Key>
          </span>
        </Button>
      </div>
    </form>
  );
}

interface DatasetFieldProps {
  label: string;
  hint?: string;
  none: string;
  value: string;
  datasets: readonly DatasetSummary[];
  error: string | null;
  onChange: (dataset: string) => void;
}

function DatasetField({ label, hint, none, value, datasets, error, onChange }: DatasetFieldProps) {
  const named = datasets.map((one) => ({
    value: `${one.id}@${one.version}`,
    label: `${one.name} ${one.version}`,
    of: one,
  }));
  const isOther = value !== "" && !named.some((one) => one.value === value);
  return (
    <Field label={label} hint={hint} error={error}>
      {(given) => (
        <Select {...given} dir="auto" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{none}</option>
          {isOther && <option value={value}>{value.replace("@", " ")}</option>}
          {named.map((one) => (
            <option key={one.value} value={one.value}>
              {`${one.label} (${texts.common.pictures(one.of.pictures)})`}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface ModelFieldProps {
  value: string;
  error: string | null;
  onChange: (model: string) => void;
}

/** The models of the studio; why none is trained on one of them stands beside it. */
function ModelField({ value, error, onChange }: ModelFieldProps) {
  const models: readonly ModelBody[] = useQuery(modelsQuery).data?.models ?? [];
  return (
    <Field label={said.model} error={error} name="model">
      {(given) => (
        <Select {...given} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {models.map((model) => (
            <option
              key={model.id}
              value={model.default ? "" : model.id}
              // The studio's own stays to be chosen: what is refused of it says why.
              disabled={!model.default && model.trained_on !== model.id}
            >
              {said.modelOption(model.default ? said.usualModel(model.name) : model.name, model.id, model.trained_on)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface NumbersFieldProps {
  label: string;
  value: string;
  wrong: boolean;
  onChange: (text: string) => void;
}

function NumbersField({ label, value, wrong, onChange }: NumbersFieldProps) {
  return (
    <Field label={label} hint={wrong ? undefined : said.numbersHint} error={wrong ? said.numbersWrong : null}>
      {(given) => (
        <Input
          {...given}
          inputMode="numeric"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** One press is one order, however often it is sent: the key stays until the order changes. */
function useBegin() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const key = useRef<{ of: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (order: Order) => {
      const of = JSON.stringify(order);
      if (key.current?.of !== of) key.current = { of, key: newKey() };
      return beginTraining(order, key.current.key);
    },
    onSuccess: ({ trainings }) => {
      key.current = null;
      client.invalidateQueries({ queryKey: ["trainings"] });
      toast(said.begun(trainings.length));
      const [first, second] = trainings;
      if (first && !second) navigate({ to: "/app/training/runs/$trainingId", params: { trainingId: first.job_id } });
      else navigate({ to: "/app/training" });
    },
  });
}
