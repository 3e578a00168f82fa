import type { DatasetBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ImagePlus } from "lucide-react";
import { useState } from "react";
import { changeDataset } from "@/api/datasets";
import { buttonLook } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { type Brought, pair } from "./intake";
import { bringPictures } from "./sending";

const said = texts.datasets.page;

/** More pictures for a dataset: the next version has them. */
export function AddPictures({ dataset }: { dataset: DatasetBody }) {
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const adding = useMutation({
    mutationFn: async (brought: readonly Brought[]) => {
      const add = await bringPictures(brought, setDone);
      return changeDataset(dataset.id, { version: dataset.version, add: add as never });
    },
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ["datasets"] });
      toast(texts.datasets.draft.saved(saved.version));
    },
  });
  const all = adding.variables?.length ?? 0;
  return (
    <>
      <label
        className={classes(
          buttonLook({}),
          "cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        )}
      >
        <ImagePlus className="size-4" aria-hidden />
        <span {...(adding.isPending && { role: "status" })}>
          {adding.isPending ? said.adding(done, all) : said.add}
        </span>
        <input
          type="file"
          multiple
          aria-label={said.add}
          disabled={adding.isPending}
          accept="image/png,image/jpeg,image/webp,image/gif,image/avif,.txt,.caption"
          className="sr-only"
          onChange={async (event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            const brought = await pair(files);
            if (brought.length === 0) return;
            setDone(0);
            adding.mutate(brought);
          }}
        />
      </label>
      <Refusal error={adding.error} className="w-full" />
    </>
  );
}
