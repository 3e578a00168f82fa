import type { DatasetBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Save } from "lucide-react";
import { changeDataset } from "@/api/datasets";
import { Button } from "@/parts/Button";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { Key } from "@/shortcuts/ShortcutList";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { changeCount, changesOf, NOTHING } from "./draft";
import type { Drafting } from "./useDraft";

const said = texts.datasets.draft;

interface SaveBarProps {
  dataset: DatasetBody;
  drafting: Drafting;
  onSaved: () => void;
}

/** What is changed and not saved: all of it becomes one version. */
export function SaveBar({ dataset, drafting, onSaved }: SaveBarProps) {
  const client = useQueryClient();
  const { draft, changeMuch, clear } = drafting;
  const saving = useMutation({
    mutationFn: () => changeDataset(dataset.id, changesOf(dataset, draft)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ["datasets"] });
      clear();
      toast(said.saved(saved.version));
      onSaved();
    },
  });
  const save = () => {
    // What is being written counts once its field is left.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (!saving.isPending) setTimeout(() => saving.mutate());
  };
  useShortcut("mod+s", said.save, save, { whileTyping: true });
  const words = said.changes(changeCount(draft));
  return (
    <section aria-label={words} className="grid gap-2 rounded-xl border border-line bg-sheet px-4 py-2.5 shadow-sheet">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p role="status" className="text-[13px]">
          {words}
        </p>
        <div className="flex gap-2">
          <Button size="small" look="quiet" onClick={() => changeMuch(NOTHING, said.discarded)}>
            {said.discard}
          </Button>
          <Button size="small" look="primary" disabled={saving.isPending} onClick={save}>
            <Save className="size-4" aria-hidden />
            {said.save}
          </Button>
          <span className="hidden self-center md:block">
            <Key>Ctrl S</Key>
          </span>
        </div>
      </div>
      <Refusal error={saving.error} onRetry={save} />
    </section>
  );
}
