import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type Kind, type Mark, moveMark } from "@/api/library";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Textarea } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { forgetLibrary } from "./forgetting";

interface MoveMarkProps {
  kind: Kind;
  id: string;
  name: string;
  mark: Mark;
  version: string | null;
  onClose: () => void;
}

/** Moves a mark, with the reason that history and audit keep. */
export function MoveMark({ kind, id, name, mark, version, onClose }: MoveMarkProps) {
  const form = useId();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const said = texts.makers.move;
  const moving = useMutation({
    mutationFn: () => moveMark(kind, id, { mark, version, note: note.trim() }),
    onSuccess: () => {
      forgetLibrary(client);
      toast(version === null ? said.taken(name) : said.done(name, version, texts.makers.marks[mark]));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    moving.mutate();
  };
  const takes = mark === "live" ? said.takeLive : said.takeCandidate;
  const action = version === null ? takes : mark === "live" ? said.toLive : said.toCandidate;
  const lead = version !== null ? said.lead[mark] : mark === "live" ? said.lead.none : said.lead.noCandidate;
  return (
    <Dialog
      open
      onClose={onClose}
      title={version === null ? said.takeTitle(name, takes) : `${name} ${version}`}
      description={lead}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button
            type="submit"
            form={form}
            look={version === null && mark === "live" ? "danger" : "primary"}
            disabled={moving.isPending}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-3">
        <Field label={said.note} hint={said.noteHint}>
          {(given) => (
            <Textarea
              {...given}
              value={note}
              maxLength={2000}
              autoFocus
              onChange={(event) => setNote(event.currentTarget.value)}
            />
          )}
        </Field>
        <Refusal error={moving.error} onRetry={() => moving.mutate()} />
      </form>
    </Dialog>
  );
}
