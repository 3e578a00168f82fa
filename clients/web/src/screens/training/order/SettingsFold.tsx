import type { TrainingSettings } from "@openapi";
import { ChevronRight } from "lucide-react";
import { Button } from "@/parts/Button";
import { Field, Input, Select, Textarea } from "@/parts/Field";
import { texts } from "@/texts";
import { type Filled, GROUP_NAMES, GROUPS, type Setting, textOfSetting } from "./settings";

const said = texts.training.make;

interface SettingsFoldProps {
  filled: Filled;
  /** As it is where nothing is filled in; undefined until the studio has said it. */
  usual: TrainingSettings | undefined;
  wrong: readonly string[];
  /** What the studio refuses, by setting. */
  refused: Readonly<Record<string, string>>;
  onChange: (filled: Filled) => void;
}

/** All settings, folded away: the usual ones are good for most. */
export function SettingsFold({ filled, usual, wrong, refused, onChange }: SettingsFoldProps) {
  const changed = Object.values(filled).filter((text) => text.trim() !== "").length;
  const set = (name: string, text: string) => onChange({ ...filled, [name]: text });
  return (
    <details
      className="group rounded-2xl border border-line bg-sheet"
      open={Object.keys(refused).length > 0 || undefined}
    >
      <summary className="flex min-h-12 list-none items-center gap-2 rounded-2xl px-5 font-semibold hover:bg-well">
        <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden />
        {said.settings}
        <span className="text-xs font-normal text-soft">{said.settingsChanged(changed)}</span>
      </summary>
      <div className="grid gap-7 border-t border-line px-5 py-5">
        {changed > 0 && (
          <Button size="small" className="justify-self-start" onClick={() => onChange({})}>
            {said.reset}
          </Button>
        )}
        {GROUP_NAMES.map((group) => (
          <fieldset key={group} className="grid items-start gap-x-5 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
            <legend className="mb-3 text-[13px] font-semibold text-soft">{texts.training.groups[group]}</legend>
            {GROUPS[group].map((one) => (
              <SettingField
                key={one.name}
                setting={one}
                text={filled[one.name] ?? ""}
                usual={usual && shown(usual[one.name])}
                error={wrong.includes(one.name) ? said.numberWrong : (refused[one.name] ?? null)}
                onChange={(text) => set(one.name, text)}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}

/** A setting as people read it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return texts.training.unset;
  if (typeof value === "boolean") return value ? said.yes : said.no;
  if (Array.isArray(value)) return value.length === 0 ? texts.common.none : textOfSetting(value);
  return texts.training.values[String(value)] ?? String(value);
}

interface SettingFieldProps {
  setting: Setting;
  text: string;
  usual: string | undefined;
  error: string | null;
  onChange: (text: string) => void;
}

function SettingField({ setting, text, usual, error, onChange }: SettingFieldProps) {
  const label = texts.training.fields[setting.name] ?? setting.name;
  const choices = setting.kind === "switch" ? ["true", "false"] : setting.kind === "choice" ? setting.choices : null;
  const named = (value: string) =>
    setting.kind === "switch" ? shown(value === "true") : (texts.training.values[value] ?? value);
  return (
    <Field label={label} error={error} name={`settings.${setting.name}`}>
      {(given) => {
        if (choices)
          return (
            <Select {...given} value={text} onChange={(event) => onChange(event.currentTarget.value)}>
              <option value="">{usual === undefined ? said.reset : said.usual(usual)}</option>
              {choices.map((value) => (
                <option key={value} value={value}>
                  {named(value)}
                </option>
              ))}
            </Select>
          );
        if (setting.kind === "lines")
          return <Textarea {...given} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
        return (
          <Input
            {...given}
            inputMode="decimal"
            autoComplete="off"
            placeholder={usual}
            value={text}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        );
      }}
    </Field>
  );
}
