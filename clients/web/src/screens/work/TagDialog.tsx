import type { FoundImage } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input } from "@/parts/Field";
import { texts } from "@/texts";
import { tagsOf, useBulk } from "./bulk";

/** The tags of one picture, or tags for many. */
export function TagDialog({ images, onClose }: { images: readonly FoundImage[]; onClose: () => void }) {
  const said = texts.work.tags;
  const one = images.length === 1 ? images[0] : undefined;
  const [written, setWritten] = useState(one?.tags.join(", ") ?? "");
  const { tag } = useBulk();
  const save = useMutation({ mutationFn: () => tag(images, tagsOf(written), !one), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={said.title(images.length)}>
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={one ? said.label : said.add}
          hint={one ? said.hint : said.addHint}
          error={save.error ? asProblem(save.error).message : null}
        >
          {(given) => (
            <Input
              {...given}
              value={written}
              onChange={(event) => setWritten(event.currentTarget.value)}
              autoComplete="off"
              dir="auto"
              autoFocus
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={save.isPending || (!one && tagsOf(written).length === 0)}>
            {said.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
