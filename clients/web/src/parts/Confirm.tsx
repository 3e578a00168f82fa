import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Refusal } from "./states";

interface ConfirmProps {
  title: string;
  /** What will be, and that it stays so. */
  children: ReactNode;
  /** The word on the button. */
  action: string;
  run: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before what cannot be undone, and says why where the studio refuses it. */
export function Confirm({ title, children, action, run, onDone, onClose }: ConfirmProps) {
  const doing = useMutation({ mutationFn: run, onSuccess: onDone });
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="danger" disabled={doing.isPending} onClick={() => doing.mutate()}>
            {action}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <div>{children}</div>
        <Refusal error={doing.error} onRetry={() => doing.mutate()} />
      </div>
    </Dialog>
  );
}
