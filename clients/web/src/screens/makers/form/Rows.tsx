import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/parts/Button";

interface RowsProps {
  /** The word on the button below them. */
  add: string;
  /** Undefined where there is no room for another. */
  onAdd: (() => void) | undefined;
  children: ReactNode;
}

/** Things that an entry has several of, a row each, and the way to one more. */
export function Rows({ add, onAdd, children }: RowsProps) {
  return (
    <div className="grid gap-4 sm:gap-2">
      {children}
      <Button size="small" className="justify-self-start" disabled={!onAdd} onClick={onAdd}>
        <Plus className="size-3.5" aria-hidden />
        {add}
      </Button>
    </div>
  );
}

interface RowProps {
  /** What the cross at its end says. */
  remove: string;
  /** Undefined where it is the last that has to be there. */
  onRemove: (() => void) | undefined;
  columns: string;
  children: ReactNode;
}

export function Row({ remove, onRemove, columns, children }: RowProps) {
  return (
    <div className="flex items-start gap-2">
      <div className={`grid min-w-0 flex-1 gap-2 ${columns}`}>{children}</div>
      <Button look="quiet" size="icon" aria-label={remove} disabled={!onRemove} onClick={onRemove}>
        <X className="size-4" aria-hidden />
      </Button>
    </div>
  );
}
