import type { ReactNode } from "react";
import { Button } from "./Button";
import { Copy } from "./Copy";
import { Dialog } from "./Dialog";
import { Field, Input } from "./Field";

interface ShownOnceProps {
  secret: string;
  said: { title: string; lead: string; label: string; copy: string; done: string };
  /** What it is for. */
  children: ReactNode;
  onClose: () => void;
}

/** What the studio keeps no copy of that it could show again: a key, a secret. */
export function ShownOnce({ secret, said, children, onClose }: ShownOnceProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={said.title}
      description={said.lead}
      foot={
        <>
          <Copy text={secret} label={said.copy} />
          <Button look="primary" onClick={onClose}>
            {said.done}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label={said.label}>
          {(given) => (
            <Input
              {...given}
              readOnly
              value={secret}
              className="font-mono"
              onFocus={(event) => event.currentTarget.select()}
            />
          )}
        </Field>
        <p className="text-[13px] text-soft">{children}</p>
      </div>
    </Dialog>
  );
}
