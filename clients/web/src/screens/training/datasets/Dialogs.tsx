import type { DatasetBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import type { Right } from "@/api/datasets";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox, Field, Input, Select } from "@/parts/Field";
import { texts } from "@/texts";
import type { Draft } from "./draft";
import { RightFields } from "./RightFields";

const said = texts.datasets.page;

interface SheetProps {
  title: string;
  onClose: () => void;
  onApply: () => void;
  children: ReactNode;
}

/** A dialog whose form changes the draft, and nothing else yet. */
function Sheet({ title, onClose, onApply, children }: SheetProps) {
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onApply();
    onClose();
  };
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary">
            {said.apply}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-4">
        {children}
      </form>
    </Dialog>
  );
}

interface RightDialogProps {
  start: { right: Right; source: string };
  onApply: (right: Right, source: string) => void;
  onClose: () => void;
}

/** Whose one or many pictures are. */
export function RightDialog({ start, onApply, onClose }: RightDialogProps) {
  const [word, setWord] = useState(start);
  return (
    <Sheet title={said.bulkRight} onClose={onClose} onApply={() => onApply(word.right, word.source)}>
      <RightFields {...word} onChange={(part) => setWord((now) => ({ ...now, ...part }))} />
    </Sheet>
  );
}

interface ReplaceDialogProps {
  /** How many captions it would change. */
  count: (find: string, replacement: string) => number;
  onApply: (find: string, replacement: string) => void;
  onClose: () => void;
}

/** The same words in all of them, so that one thing has one name. */
export function ReplaceDialog({ count, onApply, onClose }: ReplaceDialogProps) {
  const [find, setFind] = useState("");
  const [replacement, setReplacement] = useState("");
  return (
    <Sheet title={said.replace} onClose={onClose} onApply={() => onApply(find, replacement)}>
      <Field label={said.find}>
        {(given) => (
          <Input
            {...given}
            dir="auto"
            autoFocus
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={said.replacement}>
        {(given) => (
          <Input
            {...given}
            dir="auto"
            value={replacement}
            onChange={(event) => setReplacement(event.currentTarget.value)}
          />
        )}
      </Field>
      <p role="status" className="text-[13px] text-soft">
        {said.replaced(count(find, replacement))}
      </p>
    </Sheet>
  );
}

export interface About {
  name: string;
  assetType: string;
  trigger: string;
  /** The trigger goes into captions that lack it. */
  intoCaptions: boolean;
}

interface AboutDialogProps {
  dataset: DatasetBody;
  draft: Draft;
  onApply: (about: About) => void;
  onClose: () => void;
}

/** Name, asset type and trigger word. */
export function AboutDialog({ dataset, draft, onApply, onClose }: AboutDialogProps) {
  const types = useQuery(assetTypesQuery).data?.asset_types ?? [];
  const [about, setAbout] = useState<About>({
    name: draft.name ?? dataset.name,
    assetType: draft.assetType ?? dataset.asset_type ?? "",
    trigger: draft.trigger ?? dataset.trigger,
    intoCaptions: dataset.trigger === "",
  });
  const change = (part: Partial<About>) => setAbout((now) => ({ ...now, ...part }));
  const make = texts.datasets.make;
  return (
    <Sheet title={said.about} onClose={onClose} onApply={() => onApply(about)}>
      <Field label={make.name}>
        {(given) => (
          <Input
            {...given}
            required
            dir="auto"
            maxLength={200}
            value={about.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={make.type}>
        {(given) => (
          <Select
            {...given}
            value={about.assetType}
            onChange={(event) => change({ assetType: event.currentTarget.value })}
          >
            <option value="">{texts.datasets.noType}</option>
            {types.map((type) => (
              <option key={type.id} value={type.id}>
                {type.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={make.trigger} hint={make.triggerHint}>
        {(given) => (
          <Input
            {...given}
            dir="auto"
            maxLength={100}
            value={about.trigger}
            onChange={(event) => change({ trigger: event.currentTarget.value })}
          />
        )}
      </Field>
      <Checkbox
        label={said.newTrigger}
        checked={about.intoCaptions}
        onChange={(event) => change({ intoCaptions: event.currentTarget.checked })}
      />
    </Sheet>
  );
}
