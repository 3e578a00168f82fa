import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { importVotes } from "@/api/experiments";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { FaultyRows } from "../FaultyRows";

interface ImportVotesProps {
  id: string;
  onClose: () => void;
}

/** Takes in votes that were cast elsewhere: all of a file, or none, and what is wrong by its line. */
export function ImportVotes({ id, onClose }: ImportVotesProps) {
  const words = texts.judge.experiments.importing;
  const form = useId();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const taking = useMutation({
    mutationFn: (csv: File) => importVotes(id, csv),
    onSuccess: async ({ votes }) => {
      await client.invalidateQueries({ queryKey: ["experiment", id] });
      toast(words.taken(votes));
      onClose();
    },
  });
  const rows = (taking.error && asProblem(taking.error).detail?.rows) || [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title}
      description={words.lead}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={!file || taking.isPending}>
            {words.submit}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (file) taking.mutate(file);
        }}
      >
        <Field label={words.file} hint={words.columns}>
          {(given) => (
            <input
              {...given}
              type="file"
              accept=".csv,text/csv"
              className="w-full rounded-lg border border-dashed border-edge bg-paper p-3 text-[13px]"
              onChange={(event) => {
                setFile(event.currentTarget.files?.[0] ?? null);
                taking.reset();
              }}
            />
          )}
        </Field>
        {rows.length > 0 ? <FaultyRows rows={rows} /> : <Refusal error={taking.error} />}
      </form>
    </Dialog>
  );
}
