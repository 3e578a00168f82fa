import { Button } from "@/parts/Button";
import { Copy } from "@/parts/Copy";
import { Dialog } from "@/parts/Dialog";
import { Field, Input } from "@/parts/Field";
import { texts } from "@/texts";

/** The secret of a webhook, shown this once. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const said = texts.webhooks.secret;
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
        <p className="text-[13px] text-soft">{said.use}</p>
      </div>
    </Dialog>
  );
}
