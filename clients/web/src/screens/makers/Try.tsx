import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { assetTypesQuery, lorasQuery } from "@/api/catalogue";
import { generate } from "@/api/drawing";
import type { Kind } from "@/api/library";
import { Button } from "@/parts/Button";
import { Field, Input, Select } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";
import type { ViewProps } from "./EntryScreen";
import { nameOf } from "./Marks";
import { MoveMark } from "./MoveMark";
import { pairOf } from "./pairs";
import { TriedJob } from "./TriedJob";
import { type Trial, trialRequest } from "./trial";

/** The same words drawn with two versions, side by side, before one of them is what everybody draws with. */
export function Try(of: ViewProps) {
  const pair = pairOf(of.versions);
  if (!pair) return <p className="text-soft">{texts.makers.trying.one}</p>;
  return <TrialForm {...of} pair={pair} />;
}

function TrialForm({ kind, id, name, versions, mayChange, pair }: ViewProps & { pair: [string, string] }) {
  const types = useQuery(assetTypesQuery).data?.asset_types ?? [];
  const said = texts.makers.trying;
  const [prompt, setPrompt] = useState("");
  const [sides, setSides] = useState<readonly [string, string]>(pair);
  const [type, setType] = useState("");
  const withType = kind !== "asset-types";
  const fits = useQuery({ ...lorasQuery, enabled: kind === "loras" }).data?.loras.find((one) => one.id === id)?.models;
  const [promoting, setPromoting] = useState<string | null>(null);
  const drawing = useMutation({
    mutationFn: (trial: Trial) =>
      Promise.all(sides.map(async (version) => ({ version, job: await order(kind, id, version, trial) }))),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const assetType = type || types[0]?.id || "";
    drawing.mutate({ prompt: prompt.trim(), seed: newSeed(), assetType, ...(fits?.[0] ? { model: fits[0] } : {}) });
  };
  const choose = (side: 0 | 1, version: string) => setSides(side === 0 ? [version, sides[1]] : [sides[0], version]);
  const live = versions.find((one) => one.marks?.includes("live"))?.version;
  return (
    <div className="grid gap-6">
      <p className="text-soft">{said.lead}</p>
      <form onSubmit={submit} className="grid items-end gap-4 md:grid-cols-[minmax(0,1fr)_auto_auto_auto]">
        <Field label={said.prompt} className={withType ? "md:col-span-4" : ""}>
          {(given) => (
            <Input
              {...given}
              dir="auto"
              value={prompt}
              placeholder={texts.makers.type.subject}
              onChange={(event) => setPrompt(event.currentTarget.value)}
              required
            />
          )}
        </Field>
        {withType && (
          <Field label={said.with}>
            {(given) => (
              <Select {...given} value={type} onChange={(event) => setType(event.currentTarget.value)}>
                {types.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {([0, 1] as const).map((side) => (
          <Field key={side} label={side === 0 ? said.left : said.right}>
            {(given) => (
              <Select {...given} value={sides[side]} onChange={(event) => choose(side, event.currentTarget.value)}>
                {versions.map((one) => (
                  <option key={one.version} value={one.version}>
                    {[one.version, ...(one.marks ?? []).map(nameOf)].join(" · ")}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ))}
        <Button type="submit" look="primary" disabled={drawing.isPending}>
          {said.draw}
        </Button>
      </form>
      <Refusal error={drawing.error} />
      {drawing.data && (
        <div className="grid gap-5 sm:grid-cols-2">
          {drawing.data.map(({ version, job }) => (
            <TriedJob key={job.job_id} jobId={job.job_id} version={version} name={name}>
              {mayChange && version !== live && (
                <Button size="small" onClick={() => setPromoting(version)}>
                  {said.promote(version)}
                </Button>
              )}
            </TriedJob>
          ))}
        </div>
      )}
      {promoting && (
        <MoveMark kind={kind} id={id} name={name} mark="live" version={promoting} onClose={() => setPromoting(null)} />
      )}
    </div>
  );
}

const order = (kind: Kind, id: string, version: string, trial: Trial) =>
  generate(trialRequest(kind, id, version, trial), crypto.randomUUID());

/** One for both, so that the versions are all that differs. */
const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
