import type { CollectionBody } from "@openapi";
import { useInfiniteQuery, useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { Check, FolderPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { collectionsQuery, createCollection, holdingQuery, putItems, takeItem } from "@/api/collections";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input } from "@/parts/Field";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { inTurn } from "./inTurn";

interface CollectionChooserProps {
  assetIds: readonly string[];
  open: boolean;
  onClose: () => void;
}

/** Puts pictures into collections, old ones and new ones, and takes them out of those again. */
export function CollectionChooser({ assetIds, open, onClose }: CollectionChooserProps) {
  const said = texts.pictures.collect;
  return (
    <Dialog open={open} onClose={onClose} title={said.title(assetIds.length)}>
      {open && <Choice assetIds={assetIds} />}
    </Dialog>
  );
}

/** Of so many pictures it is asked where they are; of more, what is done here is marked alone. */
const ASKED_OF = 8;

function Choice({ assetIds }: { assetIds: readonly string[] }) {
  const said = texts.pictures.collect;
  const client = useQueryClient();
  const collections = useInfiniteQuery(collectionsQuery);
  const [changes, setChanges] = useState<Readonly<Record<string, boolean>>>({});
  const known = useQueries({ queries: assetIds.length <= ASKED_OF ? assetIds.map(holdingQuery) : [] });
  /** Whether a collection holds all of them. */
  const holds = (id: string) =>
    changes[id] ?? (known.length > 0 && known.every(({ data }) => data?.includes(id) ?? false));
  const changed = (one: CollectionBody, now: boolean) => {
    setChanges((before) => ({ ...before, [one.id]: now }));
    client.invalidateQueries({ queryKey: ["collections"] });
    client.invalidateQueries({ queryKey: ["collection", one.id] });
    toast(now ? said.done(assetIds.length, one.name) : said.taken(one.name));
  };
  const put = useMutation({
    mutationFn: (one: CollectionBody) => putItems(one.id, assetIds),
    onSuccess: (_, one) => changed(one, true),
  });
  const take = useMutation({
    mutationFn: async (one: CollectionBody) => {
      const { errors } = await inTurn(assetIds, (id) => takeItem(one.id, id));
      if (errors.length > 0) throw errors[0];
    },
    onSuccess: (_, one) => changed(one, false),
  });
  const create = useMutation({
    mutationFn: async (name: string) => {
      const made = await createCollection(name);
      await putItems(made.id, assetIds);
      return made;
    },
    onSuccess: (one) => changed(one, true),
  });
  const listed = collections.data?.pages.flatMap((page) => page.collections) ?? [];
  return (
    <div className="grid gap-5">
      <NewCollection problem={create.error} busy={create.isPending} onCreate={(name) => create.mutateAsync(name)} />
      {collections.isPending && (
        <Loading>
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </Loading>
      )}
      {collections.error && <Failed error={collections.error} onRetry={() => collections.refetch()} />}
      {collections.isSuccess && listed.length === 0 && <p className="text-soft">{said.none}</p>}
      <ul className="grid">
        {listed.map((one) => {
          const held = holds(one.id);
          return (
            <li key={one.id} className="flex min-h-11 items-center gap-3 border-t border-line first:border-t-0">
              <span className="min-w-0 flex-1">
                <span className="block truncate" dir="auto">
                  {one.name}
                </span>
                <span className="block text-xs text-soft">{texts.common.pictures(one.pictures)}</span>
              </span>
              <Button
                size="small"
                look={held ? "quiet" : "plain"}
                aria-label={`${held ? said.take : said.add}: ${one.name}`}
                onClick={() => (held ? take : put).mutate(one)}
              >
                {held && <Check className="size-3.5 text-good" aria-hidden />}
                {held ? said.take : said.add}
              </Button>
            </li>
          );
        })}
      </ul>
      {collections.hasNextPage && <Button onClick={() => collections.fetchNextPage()}>{texts.common.more}</Button>}
      <Refusal error={put.error ?? take.error} />
    </div>
  );
}

interface NewCollectionProps {
  problem: unknown;
  busy: boolean;
  onCreate: (name: string) => Promise<unknown>;
}

function NewCollection({ problem, busy, onCreate }: NewCollectionProps) {
  const said = texts.pictures.collect;
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim())
      onCreate(name.trim()).then(
        () => setName(""),
        () => {},
      );
  };
  return (
    <form onSubmit={submit}>
      <Field label={said.name} error={problem ? asProblem(problem).message : null}>
        {(given) => (
          <div className="flex gap-2">
            <Input
              {...given}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              placeholder={said.placeholder}
              maxLength={200}
              dir="auto"
              autoComplete="off"
            />
            <Button type="submit" look="primary" disabled={busy || !name.trim()}>
              <FolderPlus className="size-4" aria-hidden />
              {said.create}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
