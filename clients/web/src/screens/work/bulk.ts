import type { FoundImage } from "@openapi";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { changeEverywhere, changeImages, deleteImage, restoreImage, setTags } from "@/api/images";
import { asProblem } from "@/api/problem";
import { toast } from "@/parts/toasts";
import { inTurn } from "@/pictures/inTurn";
import { texts } from "@/texts";

const MOST_TAGS = 20;

/** Words between commas as tags: lower case, each once. */
export function tagsOf(text: string): string[] {
  const tags = text.split(",").map((one) => one.trim().toLowerCase());
  return [...new Set(tags.filter(Boolean))];
}

/** What is done with many pictures at once; shown at once, and taken back where the studio refuses. */
export function useBulk() {
  const client = useQueryClient();

  const reread = useCallback(() => {
    client.invalidateQueries({ queryKey: ["images"] });
    client.invalidateQueries({ queryKey: ["collection"] });
  }, [client]);

  const drop = useCallback(
    (ids: readonly string[]) => {
      const meant = new Set(ids);
      return changeEverywhere(client, (images) => images.filter((one) => !meant.has(one.asset_id)));
    },
    [client],
  );

  const restore = useCallback(
    async (ids: readonly string[]) => {
      const { failed, errors } = await inTurn(ids, restoreImage);
      if (failed.length > 0) toast(texts.work.partly(failed.length, asProblem(errors[0]).message), { tone: "bad" });
      if (failed.length < ids.length) toast(texts.work.restored(ids.length - failed.length));
      await client.invalidateQueries({ queryKey: ["work", "pages"] });
      client.invalidateQueries({ queryKey: ["image"] });
      reread();
    },
    [client, reread],
  );

  const remove = useCallback(
    async (ids: readonly string[]) => {
      const back = drop(ids);
      const { failed, errors } = await inTurn(ids, deleteImage);
      if (failed.length > 0) {
        back();
        drop(ids.filter((id) => !failed.includes(id)));
        toast(texts.work.partly(failed.length, asProblem(errors[0]).message), { tone: "bad" });
      }
      const gone = ids.filter((id) => !failed.includes(id));
      if (gone.length > 0) toast(texts.work.deleted(gone.length), { undo: () => restore(gone) });
      client.removeQueries({ queryKey: ["work", "pages"], type: "inactive" });
      client.invalidateQueries({ queryKey: ["image"] });
      reread();
    },
    [client, drop, restore, reread],
  );

  /** Their tags, or with `add` those and what they have. */
  const tag = useCallback(
    async (images: readonly FoundImage[], tags: readonly string[], add: boolean) => {
      const { failed, errors } = await inTurn(images, async (image) => {
        const wanted = add ? [...new Set([...image.tags, ...tags])].slice(0, MOST_TAGS) : tags;
        const kept = await setTags(image.asset_id, wanted);
        changeImages(client, [image.asset_id], (one) => ({ ...one, tags: kept.tags }));
      });
      client.invalidateQueries({ queryKey: ["images", "facets"] });
      if (failed.length > 0) throw errors[0];
      toast(texts.work.tags.saved(images.length));
    },
    [client],
  );

  return { remove, restore, tag };
}
