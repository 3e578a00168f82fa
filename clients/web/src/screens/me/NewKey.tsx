import type { CreatedKeyBody, Scope } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { createKey, keysQuery } from "@/api/keys";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox, Field, Group, Input, Select } from "@/parts/Field";
import { ShownOnce } from "@/parts/ShownOnce";
import { Refusal } from "@/parts/states";
import { useMe } from "@/session/me";
import { texts } from "@/texts";
import { usableScopes } from "./scopes";

const DAYS = [7, 30, 90, 180, 365];

/** Makes an API key, and shows it: this once. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<CreatedKeyBody | null>(null);
  return made ? <Made made={made} onClose={onClose} /> : <KeyForm onMade={setMade} onClose={onClose} />;
}

function KeyForm({ onMade, onClose }: { onMade: (made: CreatedKeyBody) => void; onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const usable = usableScopes(useMe()?.roles ?? []);
  const [name, setName] = useState("");
  const [days, setDays] = useState(90);
  const [scopes, setScopes] = useState<readonly Scope[]>(["images:read"]);
  const making = useMutation({
    mutationFn: () => createKey({ name: name.trim(), days, scopes: usable.filter((one) => scopes.includes(one)) }),
    onSuccess: (made) => {
      client.invalidateQueries({ queryKey: keysQuery.queryKey });
      onMade(made);
    },
  });
  const problem = making.error ? asProblem(making.error) : null;
  const said = texts.me.keys.form;
  const errorAt = (field: string) => (problem?.field === field ? problem.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  const choose = (scope: Scope, on: boolean) =>
    setScopes(on ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.me.keys.create}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={making.isPending || scopes.length === 0}>
            {said.submit}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-5">
        <Field label={said.name} hint={said.nameHint} error={errorAt("name")}>
          {(given) => (
            <Input
              {...given}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={100}
              autoFocus
              required
            />
          )}
        </Field>
        <Group label={said.scopes} hint={said.scopesHint} error={errorAt("scopes")}>
          {usable.map((scope) => (
            <Checkbox
              key={scope}
              checked={scopes.includes(scope)}
              onChange={(event) => choose(scope, event.currentTarget.checked)}
              label={
                <span>
                  {texts.me.scopes[scope]} <code className="text-xs text-soft">{scope}</code>
                </span>
              }
            />
          ))}
        </Group>
        <Field label={said.days} error={errorAt("days")}>
          {(given) => (
            <Select {...given} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {DAYS.map((count) => (
                <option key={count} value={count}>
                  {said.dayCount(count)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {problem && !problem.field && <Refusal error={problem} onRetry={() => making.mutate()} />}
      </form>
    </Dialog>
  );
}

function Made({ made, onClose }: { made: CreatedKeyBody; onClose: () => void }) {
  const said = texts.me.keys.made;
  return (
    <ShownOnce secret={made.key} said={said} onClose={onClose}>
      {said.use} <code>Authorization: Bearer …</code>
    </ShownOnce>
  );
}
