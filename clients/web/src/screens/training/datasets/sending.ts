import type { DatasetBody } from "@openapi";
import { addDataset, type Pick, type ZipWish } from "@/api/datasets";
import { uploadPicture } from "@/api/drawing";
import { asProblem } from "@/api/problem";
import { toast } from "@/parts/toasts";
import { inTurn } from "@/pictures/inTurn";
import { texts } from "@/texts";
import type { Brought } from "./intake";

/** Brings pictures to the studio, a few at once; those that it takes are picks for a dataset, in the order they had. */
export async function bringPictures(brought: readonly Brought[], done: (count: number) => void): Promise<Pick[]> {
  const picks = new Map<Brought, Pick>();
  const { failed, errors } = await inTurn(
    brought,
    async (one) => {
      const picture = await uploadPicture(one.file, one.file.name);
      picks.set(one, { picture: picture.picture_id, caption: one.caption, name: one.file.name.slice(0, 200) });
    },
    { atOnce: 4, done },
  );
  if (failed.length === brought.length && errors.length > 0) throw errors[0];
  if (failed.length > 0) {
    toast(texts.datasets.make.partly(failed.length, asProblem(errors[0]).message), { tone: "bad" });
  }
  // The same picture under two names is one.
  const all = brought.flatMap((one) => picks.get(one) ?? []);
  return [...new Map(all.map((pick) => [pick.picture, pick])).values()];
}

/** A dataset of what was brought. */
export function makeDataset(wish: ZipWish, picks: readonly Pick[]): Promise<DatasetBody> {
  const { id, name, asset_type, trigger, right, source } = wish;
  return addDataset({ id, name, trigger, source, right, asset_type: asset_type || null, pictures: [...picks] });
}
