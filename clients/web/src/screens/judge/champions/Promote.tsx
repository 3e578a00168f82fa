import type { ChampionBody, ExperimentBody } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { promote } from "@/api/experiments";
import { Checkbox, Field, Select } from "@/parts/Field";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { inWords } from "../overlay";
import { ReasonDialog } from "../ReasonDialog";

/** Makes an arm the champion of an asset type and quality, by a canary. */
export function Promote({ experiment, onClose }: { experiment: ExperimentBody; onClose: () => void }) {
  const words = texts.judge.champions;
  const client = useQueryClient();
  const catalogue = useQuery(assetTypesQuery);
  const { scope } = experiment.definition;
  const all = catalogue.data;
  const types = scope.asset_types.length ? scope.asset_types : (all?.asset_types.map((one) => one.id) ?? []);
  const qualities = scope.qualities.length ? scope.qualities : (all?.qualities.map((one) => one.id) ?? []);
  const arms = experiment.arms.filter((arm) => arm.id !== "champion");
  const preferred = experiment.decision?.replace(/^prefer:/, "");
  const [arm, setArm] = useState(arms.find((one) => one.id === preferred)?.id ?? arms[0]?.id ?? "");
  const [type, setType] = useState(types[0] ?? "");
  const [quality, setQuality] = useState(qualities[0] ?? "");
  const [atOnce, setAtOnce] = useState(false);

  async function confirm(reason: string) {
    const said = { experiment: experiment.id, arm, reason, at_once: atOnce };
    const champion: ChampionBody = await promote(type || types[0] || "", quality || qualities[0] || "", said);
    await client.invalidateQueries({ queryKey: ["champions"] });
    await client.invalidateQueries({ queryKey: ["experiment", experiment.id] });
    toast([words.promoted, ...(champion.warnings ?? [])].join(". "));
  }

  const choice = (label: string, value: string, choices: readonly [string, string][], set: (now: string) => void) => (
    <Field label={label}>
      {(given) => (
        <Select {...given} value={value} onChange={(event) => set(event.currentTarget.value)}>
          {choices.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  const same = (ids: readonly string[]) => ids.map((id): [string, string] => [id, id]);
  return (
    <ReasonDialog
      title={words.promote}
      lead={words.promoteLead}
      confirm={texts.judge.experiments.actions.promote}
      required
      onClose={onClose}
      onConfirm={confirm}
    >
      {choice(
        words.arm,
        arm,
        arms.map((one) => [one.id, `${one.id}: ${inWords(one.overlay)}`]),
        setArm,
      )}
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {choice(words.type, type, same(types), setType)}
        {choice(words.quality, quality, same(qualities), setQuality)}
      </div>
      <Checkbox label={words.atOnce} checked={atOnce} onChange={(event) => setAtOnce(event.currentTarget.checked)} />
    </ReasonDialog>
  );
}
