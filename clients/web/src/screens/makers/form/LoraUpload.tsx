import type { LoraAdded } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { versionsQuery } from "@/api/library";
import { licencesQuery } from "@/api/licences";
import { bringLora, loraForm } from "@/api/loras";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Field, Group, Input, Select, Slider } from "@/parts/Field";
import { Progress } from "@/parts/Progress";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";
import { wordsOf } from "../body";
import { forgetLibrary } from "../forgetting";
import { bump } from "../semver";
import { idFrom } from "./fileName";
import { LoraFile } from "./LoraFile";
import { LoraReport } from "./LoraReport";
import { Words } from "./Words";

const EMPTY = {
  id: "",
  name: "",
  description: "",
  adapterLicence: "",
  dataLicence: "",
  triggers: "",
  strength: 1,
  notes: "",
  mark: "candidate" as "live" | "candidate" | "none",
};

/** A LoRA is brought with its licences, tried by the studio, and then in the library. `id`: a new version of that one. */
export function LoraUpload({ id }: { id?: string }) {
  const client = useQueryClient();
  const [added, setAdded] = useState<LoraAdded | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [wish, setWish] = useState({ ...EMPTY, id: id ?? "" });
  const [sent, setSent] = useState(0);
  const stopper = useRef<AbortController | null>(null);
  const versions = useQuery({ ...versionsQuery("loras", id ?? ""), enabled: id !== undefined });
  const newest = versions.data?.versions[0]?.version;
  const version = newest ? bump(newest, "minor") : "1.0.0";
  const bringing = useMutation({
    mutationFn: (of: File) => {
      setSent(0);
      stopper.current = new AbortController();
      const form = loraForm(of, { ...wish, version, triggerWords: wordsOf(wish.triggers) });
      return bringLora(form, setSent, stopper.current.signal);
    },
    onSuccess: (answer) => {
      forgetLibrary(client);
      setAdded(answer);
    },
  });
  if (added) return <LoraReport added={added} />;
  const stopped = bringing.error instanceof DOMException;
  const problem = bringing.error && !stopped ? asProblem(bringing.error) : null;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const choose = (chosen: File) => {
    setFile(chosen);
    if (wish.id === "") change({ id: idFrom(chosen.name) });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) bringing.mutate(file);
  };
  const said = texts.makers.lora;
  return (
    <form onSubmit={submit} className="grid gap-6">
      {id && <p className="text-soft">{said.newFile}</p>}
      <LoraFile file={file} onChoose={choose} error={at("file")} />
      <div className="grid gap-6 sm:grid-cols-2">
        <Field label={texts.makers.form.id} hint={texts.makers.form.idHint} error={at("id")}>
          {(given) => (
            <Input
              {...given}
              className="font-mono"
              value={wish.id}
              readOnly={id !== undefined}
              pattern="[a-z0-9][a-z0-9._\-]*"
              onChange={(event) => change({ id: event.currentTarget.value })}
              required
            />
          )}
        </Field>
        <Words
          label={texts.makers.form.name}
          value={wish.name}
          onChange={(name) => change({ name })}
          error={at("name")}
        />
        <LicenceChoice
          label={said.adapter}
          value={wish.adapterLicence}
          error={at("licence")}
          onChange={(adapterLicence) => change({ adapterLicence })}
        />
        <LicenceChoice
          label={said.training}
          value={wish.dataLicence}
          error={null}
          onChange={(dataLicence) => change({ dataLicence })}
        />
        <Words
          label={said.triggers}
          hint={said.triggersHint}
          value={wish.triggers}
          onChange={(triggers) => change({ triggers })}
          error={at("trigger_words")}
        />
        <Field label={said.strength} error={at("strength")}>
          {(given) => (
            <Slider
              {...given}
              min={-2}
              max={2}
              step={0.05}
              value={wish.strength}
              onChange={(strength) => change({ strength })}
            />
          )}
        </Field>
      </div>
      <Words
        label={texts.makers.form.description}
        value={wish.description}
        onChange={(description) => change({ description })}
        error={at("description")}
        long
      />
      <Words label={texts.makers.form.notes} value={wish.notes} onChange={(notes) => change({ notes })} long />
      <Group label={texts.makers.form.mark}>
        <Segments
          label={texts.makers.form.mark}
          className="max-w-lg"
          value={wish.mark}
          onChange={(mark) => change({ mark })}
          choices={(["none", "candidate", "live"] as const).map((value) => ({
            value,
            label: texts.makers.form.markChoices[value],
          }))}
        />
      </Group>
      {problem && <Refusal error={problem} {...(file ? { onRetry: () => bringing.mutate(file) } : {})} />}
      {bringing.isPending ? (
        <Sending share={sent} onStop={() => stopper.current?.abort()} />
      ) : (
        <Button type="submit" look="primary" size="large" className="justify-self-start" disabled={!file}>
          {said.send}
          {id && <span className="tabular-nums">({version})</span>}
        </Button>
      )}
    </form>
  );
}

function Sending({ share, onStop }: { share: number; onStop: () => void }) {
  const said = texts.makers.lora;
  const words = share < 1 ? said.sending(Math.round(share * 100)) : said.trying;
  return (
    <div className="flex items-center gap-4">
      <div className="grid flex-1 gap-2">
        <p role="status" className="text-[13px] text-soft">
          {words}
        </p>
        <Progress value={share} label={words} />
      </div>
      <Button onClick={onStop}>{said.stop}</Button>
    </div>
  );
}

interface LicenceChoiceProps {
  label: string;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}

function LicenceChoice({ label, value, error, onChange }: LicenceChoiceProps) {
  const licences = useQuery(licencesQuery).data?.licences ?? [];
  const chosen = licences.find((one) => one.id === value);
  return (
    <Field label={label} hint={chosen?.notice} error={error}>
      {(given) => (
        <Select {...given} value={value} onChange={(event) => onChange(event.currentTarget.value)} required>
          <option value="">{texts.makers.lora.choose}</option>
          {licences.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
