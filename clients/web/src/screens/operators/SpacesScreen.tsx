import type { SpaceBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { asProblem } from "@/api/problem";
import { createSpace, spacesQuery } from "@/api/spaces";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input } from "@/parts/Field";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { Space } from "./spaces/Space";

/** Is no team: what is there is its owner's alone. */
const HOME = "home";

/** Teams: who is in them, and what is drawn with in them. */
export function SpacesScreen() {
  const spaces = useQuery(spacesQuery);
  const [making, setMaking] = useState(false);
  const said = texts.operators.spaces;
  const teams = spaces.data?.spaces.filter((space) => space.id !== HOME).sort(activeFirst);
  const add = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus className="size-4" aria-hidden />
      {said.create}
    </Button>
  );
  return (
    <Page title={said.title} lead={said.lead} actions={add}>
      {spaces.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </Loading>
      )}
      {spaces.error && <Failed error={spaces.error} onRetry={() => spaces.refetch()} />}
      {teams?.length === 0 && <Empty title={said.title}>{said.none}</Empty>}
      <ul className="grid gap-3">
        {teams?.map((space) => (
          <Space key={space.id} of={space} mayDelete />
        ))}
      </ul>
      {making && <NewSpace onClose={() => setMaking(false)} />}
    </Page>
  );
}

const activeFirst = (one: SpaceBody, other: SpaceBody) =>
  Number(Boolean(one.archived_at)) - Number(Boolean(other.archived_at));

function NewSpace({ onClose }: { onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const said = texts.operators.spaces;
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const making = useMutation({
    mutationFn: () => createSpace({ id: id.trim(), name: name.trim() || id.trim(), defaults: {} }),
    onSuccess: (space) => {
      client.invalidateQueries({ queryKey: spacesQuery.queryKey });
      client.invalidateQueries({ queryKey: ["me"] });
      toast(said.made(space.name));
      onClose();
    },
  });
  const problem = making.error ? asProblem(making.error) : null;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={said.create}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={making.isPending}>
            {said.create}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-5">
        <Field label={said.name} error={at("name")}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              value={name}
              maxLength={100}
              autoFocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={said.id} hint={said.idHint} error={at("id")}>
          {(given) => (
            <Input
              {...given}
              className="font-mono"
              value={id}
              maxLength={64}
              pattern="[a-z0-9][a-z0-9._\-]*"
              onChange={(event) => setId(event.currentTarget.value)}
              required
            />
          )}
        </Field>
        {problem && !at("name") && !at("id") && <Refusal error={problem} />}
      </form>
    </Dialog>
  );
}
