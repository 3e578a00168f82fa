import { CheckCheck, Replace, ShieldCheck, Sparkles, Trash2, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/parts/Button";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";

const said = texts.datasets.page;

interface SelectionBarProps {
  count: number;
  busy: boolean;
  onAll: () => void;
  onClear: () => void;
  onRight: () => void;
  onReplace: () => void;
  onSuggest: () => void;
  onAccept: () => void;
  onRemove: () => void;
}

/** What can be done with the pictures that are selected. */
export function SelectionBar({
  count,
  busy,
  onAll,
  onClear,
  onRight,
  onReplace,
  onSuggest,
  onAccept,
  onRemove,
}: SelectionBarProps) {
  useShortcut("Escape", said.clear, onClear);
  useShortcut("Delete", said.remove, onRemove);
  const act = (icon: ReactNode, label: string, run: () => void, off = false) => (
    <Button size="small" look="quiet" className="text-ink" disabled={off} onClick={run}>
      {icon}
      <span className="max-sm:sr-only">{label}</span>
    </Button>
  );
  return (
    <section
      aria-label={said.selected(count)}
      className="flex flex-wrap items-center gap-x-1 gap-y-2 rounded-xl border border-line bg-sheet px-3 py-2 shadow-sheet"
    >
      <Button size="icon" look="quiet" aria-label={said.clear} title={`${said.clear} (Esc)`} onClick={onClear}>
        <X className="size-4" aria-hidden />
      </Button>
      <strong role="status" className="mr-1 font-semibold tabular-nums">
        {said.selected(count)}
      </strong>
      <Button size="small" look="quiet" onClick={onAll}>
        {said.all}
      </Button>
      <div className="ml-auto flex flex-wrap items-center gap-0.5">
        {act(<ShieldCheck className="size-4" aria-hidden />, said.bulkRight, onRight)}
        {act(<Replace className="size-4" aria-hidden />, said.replace, onReplace)}
        {act(<Sparkles className="size-4" aria-hidden />, said.suggest, onSuggest, busy)}
        {act(<CheckCheck className="size-4" aria-hidden />, said.accept, onAccept)}
        {act(<Trash2 className="size-4" aria-hidden />, said.remove, onRemove)}
      </div>
    </section>
  );
}
