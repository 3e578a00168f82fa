import type { CollectionBody } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input, Textarea } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";

interface NameDialogProps {
  title: string;
  /** What it is called now; absent for a new one. */
  known?: CollectionBody;
  action: string;
  onSave: (name: string, notes: string) => Promise<unknown>;
  onClose: () => void;
}

/** The name and the notes of a collection. */
export function NameDialog({ title, known, action, onSave, onClose }: NameDialogProps) {
  const said = texts.collections;
  const [name, setName] = useState(known?.name ?? "");
  const [notes, setNotes] = useState(known?.notes ?? "");
  const save = useMutation({ mutationFn: () => onSave(name.trim(), notes), onSuccess: onClose });
  const problem = save.error ? asProblem(save.error) : null;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={title}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={said.name} error={at("name")}>
          {(given) => (
            <Input
              {...given}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={200}
              dir="auto"
              autoComplete="off"
              autoFocus
            />
          )}
        </Field>
        <Field label={said.notes} error={at("notes")}>
          {(given) => (
            <Textarea {...given} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} rows={3} />
          )}
        </Field>
        {problem && !at("name") && !at("notes") && <Refusal error={problem} onRetry={() => save.mutate()} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={!name.trim() || save.isPending}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
