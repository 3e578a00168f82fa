import type { FoundImage } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { acknowledge, type Purpose } from "@/api/images";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox } from "@/parts/Field";
import { Progress } from "@/parts/Progress";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { inTurn } from "./inTurn";
import { UseChoice } from "./UseChoice";
import { conditionsOf, type Fetched, fetchFiles, type Refused, saveZip, type Wanted, wantedOf } from "./zip";

interface ZipDialogProps {
  images: readonly FoundImage[];
  /** Of the file. */
  name: string;
  onClose: () => void;
}

/** Many pictures as one file, for a use: as with one picture, what their licences ask for is read before. */
export function ZipDialog({ images, name, onClose }: ZipDialogProps) {
  const said = texts.pictures.zip;
  const [use, setUse] = useState<Purpose>("internal");
  const [done, setDone] = useState({ done: 0, of: 0 });
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);

  const get = (wanted: readonly Wanted[]) => {
    stop.current = new AbortController();
    setDone({ done: 0, of: wanted.length });
    const onProgress = (count: number) => setDone({ done: count, of: wanted.length });
    return fetchFiles(wanted, { use, signal: stop.current.signal, onProgress });
  };
  const save = async ({ files, refused }: Fetched) => {
    await saveZip(files, name);
    toast(said.saved(files.size, refused.length));
    onClose();
  };
  const fetching = useMutation({
    mutationFn: () => get(wantedOf(images)),
    onSuccess: (got) => (got.refused.length === 0 ? save(got) : undefined),
  });
  const agreeing = useMutation({
    mutationFn: async (before: Fetched) => {
      const { lifted, lost } = conditionsOf(before.refused);
      const { errors } = await inTurn(lifted, (one) =>
        acknowledge(one.image.asset_id, use, one.problem.detail?.acknowledge ?? ""),
      );
      if (errors.length > 0) throw errors[0];
      const more = await get(lifted);
      return { files: new Map([...before.files, ...more.files]), refused: [...lost, ...more.refused] };
    },
    onSuccess: save,
  });
  const busy = fetching.isPending || agreeing.isPending;
  const got = fetching.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={said.title(images.length)}
      foot={
        !got && (
          <>
            <Button onClick={onClose}>{texts.common.cancel}</Button>
            <Button look="primary" disabled={busy} onClick={() => fetching.mutate()}>
              {said.start}
            </Button>
          </>
        )
      }
    >
      <div className="grid gap-4">
        {!got && <UseChoice use={use} onChange={setUse} />}
        {busy && (
          <div role="status" className="grid gap-1.5 text-[13px] text-soft">
            <Progress value={done.done / Math.max(1, done.of)} label={said.label} />
            {said.progress(done.done, done.of)}
          </div>
        )}
        {got && !busy && got.refused.length > 0 && (
          <Held
            got={got}
            onAgree={() => agreeing.mutate(got)}
            onWithout={got.files.size > 0 ? () => void save(got) : null}
          />
        )}
        <Refusal error={fetching.error ?? agreeing.error} />
      </div>
    </Dialog>
  );
}

interface HeldProps {
  got: Fetched;
  onAgree: () => void;
  /** Null where there is nothing beside what is held back. */
  onWithout: (() => void) | null;
}

/** What is not in the zip yet: what there is to be read, and what is not given out for this use. */
function Held({ got, onAgree, onWithout }: HeldProps) {
  const said = texts.pictures.zip;
  const [read, setRead] = useState(false);
  const { texts: conditions, lifted, lost } = conditionsOf(got.refused);
  return (
    <>
      {lifted.length > 0 && (
        <section className="grid gap-2">
          <h3 className="text-[13px] font-semibold">{said.conditions(lifted.length)}</h3>
          <ul className="grid gap-2">
            {conditions.map((text) => (
              <li key={text} className="rounded-lg bg-well px-3 py-2 text-[13px] break-words">
                {text}
              </li>
            ))}
          </ul>
          <Checkbox
            label={texts.pictures.download.read}
            checked={read}
            onChange={(event) => setRead(event.currentTarget.checked)}
          />
          <p className="text-xs text-soft">{texts.pictures.download.acknowledged}</p>
        </section>
      )}
      {lost.length > 0 && <Lost lost={lost} />}
      <div className="flex flex-wrap justify-end gap-2">
        {onWithout && <Button onClick={onWithout}>{said.without(got.files.size)}</Button>}
        {lifted.length > 0 && (
          <Button look="primary" disabled={!read} onClick={onAgree}>
            {said.agree}
          </Button>
        )}
      </div>
    </>
  );
}

function Lost({ lost }: { lost: readonly Refused[] }) {
  const reasons = [...new Set(lost.map((one) => one.problem.message))];
  return (
    <section className="grid gap-2">
      <h3 className="text-[13px] font-semibold">{texts.pictures.zip.lost(lost.length)}</h3>
      <ul className="grid gap-1 text-[13px] text-soft">
        {reasons.map((reason) => (
          <li key={reason} className="break-words">
            {reason}
          </li>
        ))}
      </ul>
    </section>
  );
}
