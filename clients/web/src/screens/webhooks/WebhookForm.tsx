import type { NewWebhookBody, WebhookBody, WebhookEvent } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { asProblem } from "@/api/problem";
import { useSpace } from "@/app/space";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox, Field, Group, Input } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { useMe } from "@/session/me";
import { texts } from "@/texts";

const said = texts.webhooks;
const HOME = "home";
const EVENTS: readonly WebhookEvent[] = [
  ...(["job.image", "job.complete", "job.failed", "job.canceled", "batch.ended", "webhook.disabled"] as const),
];
const USUAL: NewWebhookBody = {
  url: "",
  events: ["job.complete", "job.failed"],
  scope: "own",
  description: "",
  include: [],
};

interface WebhookFormProps {
  /** That is changed; a new one without. */
  of?: WebhookBody;
  save: (body: NewWebhookBody) => Promise<unknown>;
  onClose: () => void;
}

/** Where to tell what; what is refused is said at its field. */
export function WebhookForm({ of, save, onClose }: WebhookFormProps) {
  const form = useId();
  const me = useMe();
  const space = useSpace() ?? me?.space ?? HOME;
  const [body, setBody] = useState<NewWebhookBody>(of ?? USUAL);
  const saving = useMutation({ mutationFn: () => save(body) });
  const problem = saving.error ? asProblem(saving.error) : null;
  const field = problem?.field?.split(".")[0];
  const errorAt = (name: string) => (field === name ? (problem?.message ?? null) : null);
  const change = (patch: Partial<NewWebhookBody>) => setBody({ ...body, ...patch });
  const choose = (event: WebhookEvent, on: boolean) =>
    change({ events: EVENTS.filter((one) => (one === event ? on : body.events.includes(one))) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={of ? said.form.changeTitle : said.add}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={saving.isPending || body.events.length === 0}>
            {of ? texts.common.save : said.form.create}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-5">
        <Field label={said.form.url} hint={said.form.urlHint} error={errorAt("url")} name="url">
          {(given) => (
            <Input
              {...given}
              type="url"
              value={body.url}
              placeholder="https://hooks.example/atelier"
              onChange={(event) => change({ url: event.currentTarget.value })}
              autoFocus
              required
            />
          )}
        </Field>
        <Field label={said.form.description} hint={said.form.descriptionHint} error={errorAt("description")}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              maxLength={200}
              value={body.description}
              onChange={(event) => change({ description: event.currentTarget.value })}
            />
          )}
        </Field>
        <Group label={said.form.events} error={errorAt("events")}>
          {EVENTS.map((event) => (
            <Checkbox
              key={event}
              checked={body.events.includes(event)}
              onChange={(changed) => choose(event, changed.currentTarget.checked)}
              label={
                <span>
                  {said.events[event]} <code className="text-xs text-soft">{event}</code>
                </span>
              }
            />
          ))}
        </Group>
        {!of && space !== HOME && (
          <Group label={said.form.scope} error={errorAt("scope")}>
            <Segments
              label={said.form.scope}
              value={body.scope ?? "own"}
              onChange={(scope) => change({ scope })}
              choices={[
                { value: "own", label: said.form.scopeOwn },
                { value: "space", label: said.form.scopeSpace(space) },
              ]}
            />
          </Group>
        )}
        <div className="grid gap-1">
          <Checkbox
            label={said.form.prompts}
            checked={body.include?.includes("prompt") ?? false}
            onChange={(event) => change({ include: event.currentTarget.checked ? ["prompt"] : [] })}
          />
          <p className="text-xs text-soft">{said.form.promptsHint}</p>
        </div>
        {problem && !["url", "description", "events", "scope"].includes(field ?? "") && <Refusal error={problem} />}
      </form>
    </Dialog>
  );
}
