import { type FormEvent, type ReactNode, useId, useState } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Input } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";

interface ReasonDialogProps {
  title: string;
  lead: string;
  confirm: string;
  danger?: boolean;
  /** It is not done without one. */
  required?: boolean;
  onClose: () => void;
  onConfirm: (reason: string) => Promise<unknown>;
  /** What else is said, above the reason. */
  children?: ReactNode;
}

/** Does something that is kept in a log: with the reason, and what the studio says against it. */
export function ReasonDialog({
  title,
  lead,
  confirm,
  danger,
  required,
  onClose,
  onConfirm,
  children,
}: ReasonDialogProps) {
  const { actions } = texts.judge.experiments;
  const form = useId();
  const [reason, setReason] = useState("");
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    setWaiting(true);
    setError(null);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (refused) {
      setError(refused);
      setWaiting(false);
    }
  }

  const atReason = error !== null && asProblem(error).field === "reason";
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={lead}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look={danger ? "danger" : "primary"} disabled={waiting}>
            {confirm}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-4">
        {children}
        <Field label={actions.reason} hint={actions.reasonHint} error={atReason ? asProblem(error).message : null}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              value={reason}
              required={required}
              maxLength={500}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        {!atReason && <Refusal error={error} onRetry={() => void submit()} />}
      </form>
    </Dialog>
  );
}
