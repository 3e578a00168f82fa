import { Button } from "@/parts/Button";
import { Field, Group, Input, Textarea } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";
import { BUMPS, bump } from "../semver";
import { errorAt, type Saving } from "./useSaving";

interface ReleasingProps {
  saving: Saving;
  newest: string | undefined;
  /** Nothing would differ from the newest version. */
  unchanged: boolean;
  /** Fields of the form that show what is wrong with them themselves. */
  shown: readonly string[];
}

/** The end of each form: as which version it is kept, what for, and what is new. */
export function Releasing({ saving, newest, unchanged, shown }: ReleasingProps) {
  const { release, change, problem } = saving;
  const said = texts.makers.form;
  const isShown = problem && ["id", ...shown].some((field) => errorAt(problem, field) !== null);
  return (
    <div className="grid gap-5 border-t border-line pt-6">
      {newest && (
        <Group label={said.release} hint={said.becomes(saving.version)}>
          <Segments
            label={said.release}
            className="max-w-lg"
            value={release.bump}
            onChange={(to) => change({ bump: to })}
            choices={BUMPS.map((one) => ({ value: one, label: `${said.bumps[one]} · ${bump(newest, one)}` }))}
          />
        </Group>
      )}
      <Field label={said.notes}>
        {(given) => (
          <Textarea
            {...given}
            value={release.notes}
            maxLength={2000}
            onChange={(event) => change({ notes: event.currentTarget.value })}
          />
        )}
      </Field>
      <Group label={said.mark}>
        <Segments
          label={said.mark}
          className="max-w-lg"
          value={release.mark}
          onChange={(mark) => change({ mark })}
          choices={(["none", "candidate", "live"] as const).map((value) => ({ value, label: said.markChoices[value] }))}
        />
      </Group>
      {problem && !isShown && <Refusal error={problem} />}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" size="large" disabled={saving.busy || unchanged}>
          {newest ? said.save : said.create}
        </Button>
        {unchanged && <p className="text-[13px] text-soft">{said.unchanged}</p>}
      </div>
    </div>
  );
}

/** The id of something new; what is there keeps its own. */
export function IdField({ saving }: { saving: Saving }) {
  return (
    <Field label={texts.makers.form.id} hint={texts.makers.form.idHint} error={errorAt(saving.problem, "id")}>
      {(given) => (
        <Input
          {...given}
          className="font-mono"
          value={saving.release.id}
          maxLength={64}
          pattern="[a-z0-9][a-z0-9._\-]*"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => saving.change({ id: event.currentTarget.value })}
          required
        />
      )}
    </Field>
  );
}
