import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { assetTypesQuery, modelsQuery } from "@/api/catalogue";
import { addEntry, entryQuery, versionsQuery } from "@/api/library";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field, Select, Slider } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { forgetLibrary } from "@/screens/makers/forgetting";
import { bump } from "@/screens/makers/semver";
import { texts } from "@/texts";
import { bringing, strengthIn } from "./bringing";

const said = texts.training.promote;

interface LiveForTypeProps {
  lora: string;
  version: string;
  strength: number;
  model: string;
  onClose: () => void;
}

/** An asset type gets a version that brings the LoRA, which is live at once; an older one takes it back. */
export function LiveForType({ lora, version, strength: start, model, onClose }: LiveForTypeProps) {
  const form = useId();
  const client = useQueryClient();
  const types = useQuery(assetTypesQuery).data?.asset_types ?? [];
  const family = useQuery(modelsQuery).data?.models.find((one) => one.id === model)?.family;
  const [chosen, setChosen] = useState("");
  const [strength, setStrength] = useState(start);
  const type = chosen || types[0]?.id || "";
  const entry = useQuery({ ...entryQuery("asset-types", type), enabled: type !== "" });
  const versions = useQuery({ ...versionsQuery("asset-types", type), enabled: type !== "" });
  const newest = versions.data?.versions[0]?.version;
  const ready = entry.data && newest && family;
  const bringsIt = entry.data && family ? strengthIn(entry.data.body, family, lora) : null;
  const saving = useMutation({
    mutationFn: async () => {
      if (!ready) return null;
      return addEntry("asset-types", {
        id: type,
        version: bump(newest, "minor"),
        body: bringing(entry.data.body, family, lora, strength),
        mark: "live",
        notes: said.typeNote(lora, version),
      });
    },
    onSuccess: (added) => {
      forgetLibrary(client);
      if (added) toast(said.typeDone(types.find((one) => one.id === type)?.name ?? type, added.version));
      onClose();
    },
  });
  return (
    <Dialog
      open
      title={said.typeTitle(lora)}
      description={said.typeLead}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={!ready || saving.isPending}>
            {said.typeAction}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Field label={said.typeField} hint={bringsIt === null ? undefined : said.typeHas(String(bringsIt))}>
          {(given) => (
            <Select {...given} value={type} onChange={(event) => setChosen(event.currentTarget.value)}>
              {types.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={texts.training.one.strength}>
          {(given) => <Slider {...given} min={0.1} max={1.5} step={0.05} value={strength} onChange={setStrength} />}
        </Field>
        <Refusal error={saving.error ?? entry.error ?? versions.error} onRetry={() => saving.mutate()} />
      </form>
    </Dialog>
  );
}
