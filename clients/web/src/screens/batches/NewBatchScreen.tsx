import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { type BatchOrder, submitBatch } from "@/api/batches";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Checkbox, Field, Group, Input } from "@/parts/Field";
import { Page } from "@/parts/Page";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { Key } from "@/shortcuts/ShortcutList";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { type Draft, EMPTY, orderOf } from "./draft";
import { FileChoice } from "./FileChoice";
import { PromptList } from "./PromptList";
import { RowErrors } from "./RowErrors";
import { Sweep } from "./Sweep";
import { usePlan } from "./usePlan";

const said = texts.batch.compose;

/** Write a batch: rows, what is swept, what it comes to, and what is wrong with which row. */
export function NewBatchScreen() {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const order = useMemo(() => orderOf(draft), [draft]);
  const plan = usePlan(order);
  const submit = useSubmit();
  const send = () => order && !submit.isPending && submit.mutate(order);
  useShortcut("mod+Enter", said.submit, send, { whileTyping: true });
  const problem = submit.error ? asProblem(submit.error) : plan.problem;
  return (
    <Page title={said.title} lead={texts.batch.lead}>
      <form
        noValidate
        className="grid items-start gap-x-10 gap-y-6 md:grid-cols-[minmax(0,1fr)_20rem]"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          send();
        }}
      >
        <div className="grid gap-5">
          <Group label={said.from}>
            <Segments
              label={said.from}
              value={draft.from}
              onChange={(from) => change({ from })}
              choices={[
                { value: "prompts", label: said.prompts },
                { value: "file", label: said.file },
              ]}
              className="max-w-sm"
            />
          </Group>
          {draft.from === "prompts" ? (
            <PromptList value={draft.prompts} onChange={(prompts) => change({ prompts })} />
          ) : (
            <FileChoice file={draft.file} onChange={(file) => change({ file })} />
          )}
          <RowErrors problem={problem} skipped={plan.plan?.skipped ?? []} />
        </div>
        <div className="grid gap-5 rounded-2xl border border-line bg-sheet p-5">
          <Field label={said.name} hint={said.nameHint}>
            {(given) => (
              <Input
                {...given}
                maxLength={100}
                dir="auto"
                value={draft.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
            )}
          </Field>
          <Sweep draft={draft} onChange={change} />
          <Checkbox
            label={said.skip}
            checked={draft.skipInvalid}
            onChange={(event) => change({ skipInvalid: event.currentTarget.checked })}
          />
          <p role="status" className="min-h-5 text-[13px] text-soft">
            {plan.words}
          </p>
          {!problem?.detail?.rows && <Refusal error={problem} onRetry={submit.error ? send : plan.again} />}
          <Button type="submit" look="primary" size="large" disabled={!order || submit.isPending}>
            {said.submit}
            <Key>Ctrl ⏎</Key>
          </Button>
        </div>
      </form>
    </Page>
  );
}

/** One press is one batch, however often it is sent: the key stays until the order changes. */
function useSubmit() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const key = useRef<{ of: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (order: BatchOrder) => {
      const of = order.kind === "prompts" ? JSON.stringify(order.body) : `${Date.now()}`;
      if (key.current?.of !== of) key.current = { of, key: crypto.randomUUID() };
      return submitBatch(order, key.current.key);
    },
    onSuccess: (batch) => {
      client.invalidateQueries({ queryKey: ["batches"] });
      navigate({ to: "/app/batches/$batchId", params: { batchId: batch.batch_id } });
    },
  });
}
