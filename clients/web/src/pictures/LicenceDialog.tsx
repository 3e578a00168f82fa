import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { acknowledge, type Purpose } from "@/api/images";
import type { Problem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";

interface LicenceDialogProps {
  problem: Problem;
  assetId: string | undefined;
  use: Purpose;
  onClose: () => void;
  onAcknowledged: () => Promise<void>;
}

/** Why a picture is not given out for a use: the parts that decide it and, where reading lifts it, the sentence to read. */
export function LicenceDialog({ problem, assetId, use, onClose, onAcknowledged }: LicenceDialogProps) {
  const said = texts.pictures.download;
  const [read, setRead] = useState(false);
  const text = problem.detail?.acknowledge ?? null;
  const lifts = text !== null && assetId !== undefined;
  const parts = (problem.detail?.parts ?? []).map(String);
  const agree = useMutation({
    mutationFn: async () => {
      if (!lifts) return;
      await acknowledge(assetId, use, text);
      await onAcknowledged();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={lifts ? said.conditions : said.refused}
      foot={
        lifts ? (
          <>
            <Button onClick={onClose}>{texts.common.cancel}</Button>
            <Button look="primary" disabled={!read || agree.isPending} onClick={() => agree.mutate()}>
              {said.acknowledge}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>{texts.common.close}</Button>
        )
      }
    >
      <div className="grid gap-4">
        {!lifts && <p>{problem.message}</p>}
        {parts.length > 0 && (
          <section className="grid gap-2">
            <h3 className="text-[13px] font-semibold">{said.decides}</h3>
            <ul className="grid gap-2">
              {parts.map((part) => (
                <li key={part} className="rounded-lg bg-well px-3 py-2 text-[13px] break-words">
                  {part}
                </li>
              ))}
            </ul>
          </section>
        )}
        {lifts && (
          <div className="grid gap-1">
            <Checkbox label={said.read} checked={read} onChange={(event) => setRead(event.currentTarget.checked)} />
            <p className="text-xs text-soft">{said.acknowledged}</p>
          </div>
        )}
        <Refusal error={agree.error} />
      </div>
    </Dialog>
  );
}
