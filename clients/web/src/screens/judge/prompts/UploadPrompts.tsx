import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { addPromptSet } from "@/api/promptSets";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input, Textarea } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { idOf } from "../experiments/draft";
import { FaultyRows } from "../FaultyRows";

/** Takes a CSV file in, or rows that are pasted; what is wrong is shown by its line. */
export function UploadPrompts({ onClose }: { onClose: () => void }) {
  const words = texts.judge.promptSets;
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [id, setId] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState("");
  const upload = useMutation({
    mutationFn: () => addPromptSet(id ?? idOf(name), name.trim(), file ?? new Blob([text], { type: "text/csv" })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["library", "prompt-sets"] });
      toast(words.taken(name.trim() || (id ?? "")));
      onClose();
    },
  });
  const problem = upload.error ? asProblem(upload.error) : null;
  const rows = problem?.detail?.rows ?? [];
  const ready = (id ?? idOf(name)) !== "" && (file !== null || text.trim() !== "");
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.upload}
      description={words.columns}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" disabled={!ready || upload.isPending} onClick={() => upload.mutate()}>
            {words.submit}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={words.name}>
            {(given) => (
              <Input
                {...given}
                dir="auto"
                maxLength={100}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label={words.id} hint={words.idHint} error={problem?.field === "id" ? problem.message : null}>
            {(given) => (
              <Input
                {...given}
                maxLength={64}
                value={id ?? idOf(name)}
                onChange={(event) => setId(event.currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <Field label={words.file}>
          {(given) => (
            <input
              {...given}
              type="file"
              accept=".csv,text/csv"
              className="w-full rounded-lg border border-dashed border-edge bg-paper p-3 text-[13px]"
              onChange={(event) => {
                const chosen = event.currentTarget.files?.[0] ?? null;
                setFile(chosen);
                upload.reset();
                if (chosen && !name) setName(chosen.name.replace(/\.csv$/i, ""));
              }}
            />
          )}
        </Field>
        {!file && (
          <Field label={words.text}>
            {(given) => (
              <Textarea
                {...given}
                className="font-mono text-[13px]"
                rows={5}
                placeholder={"prompt,asset_type,seed\na red bicycle,icon,1"}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        {rows.length > 0 ? (
          <FaultyRows rows={rows} />
        ) : (
          problem?.field !== "id" && <Refusal error={upload.error} onRetry={() => upload.mutate()} />
        )}
      </div>
    </Dialog>
  );
}
