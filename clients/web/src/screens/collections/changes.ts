import type { CollectionWhole } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { noteItem, putItems, takeItem } from "@/api/collections";
import { asProblem } from "@/api/problem";
import { announce } from "@/live/announcements";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import type { Move } from "./order";

const CHANGED_MEANWHILE = new Set([404, 409, 422]);

/** What is done with the pictures of a collection: shown at once, put back and read again where somebody was faster. */
export function useChanges(id: string) {
  const client = useQueryClient();
  const key = ["collection", id];
  const said = texts.collections;

  const change = <T>(
    send: (what: T) => Promise<unknown>,
    shown: (now: CollectionWhole, what: T) => CollectionWhole,
  ) => ({
    mutationFn: send,
    onMutate: async (what: T) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<CollectionWhole>(key);
      if (before) client.setQueryData<CollectionWhole>(key, shown(before, what));
      return { before };
    },
    onError: (error: unknown, _: T, kept: { before: CollectionWhole | undefined } | undefined) => {
      client.setQueryData(key, kept?.before);
      const problem = asProblem(error);
      toast(CHANGED_MEANWHILE.has(problem.status) ? said.changedByOther : problem.message, { tone: "bad" });
    },
    onSettled: () => {
      client.invalidateQueries({ queryKey: key });
      client.invalidateQueries({ queryKey: ["collections"] });
    },
  });

  const move = useMutation(
    change(
      ({ asset, to }: { asset: string; to: Move }) => putItems(id, [asset], to.after),
      (now, { asset, to }) => {
        announce(said.moved(to.ids.indexOf(asset) + 1, to.ids.length));
        const places = new Map(to.ids.map((one, place) => [one, place]));
        const place = (one: string) => places.get(one) ?? to.ids.length;
        return { ...now, items: now.items.toSorted((a, b) => place(a.image.asset_id) - place(b.image.asset_id)) };
      },
    ),
  );

  const put = useMutation(
    change(
      ({ asset, after }: { asset: string; after: string }) => putItems(id, [asset], after),
      (now) => now,
    ),
  );

  const take = useMutation(
    change(
      (asset: string) => takeItem(id, asset),
      (now, asset) => {
        const place = now.items.findIndex((one) => one.image.asset_id === asset);
        const after = now.items[place - 1]?.image.asset_id ?? "";
        toast(said.taken, { undo: () => put.mutate({ asset, after }) });
        return { ...now, items: now.items.filter((one) => one.image.asset_id !== asset) };
      },
    ),
  );

  const note = useMutation(
    change(
      ({ asset, text }: { asset: string; text: string }) => noteItem(id, asset, text),
      (now, { asset, text }) => ({
        ...now,
        items: now.items.map((one) => (one.image.asset_id === asset ? { ...one, note: text } : one)),
      }),
    ),
  );

  return { move: move.mutate, take: take.mutate, note: note.mutate };
}
