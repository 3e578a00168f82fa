import type { TrainingSettings } from "@openapi";

type Name = keyof TrainingSettings;

export type Setting =
  | { name: Name; kind: "number"; whole?: boolean }
  | { name: Name; kind: "choice"; choices: readonly string[] }
  | { name: Name; kind: "switch" }
  | { name: Name; kind: "lines" };

const number = (name: Name): Setting => ({ name, kind: "number" });
const whole = (name: Name): Setting => ({ name, kind: "number", whole: true });
const choice = (name: Name, ...choices: string[]): Setting => ({ name, kind: "choice", choices });

/** All that can be set, by what it is about; how it is usually set the studio says. */
export const GROUPS = {
  adapter: [choice("kind", "lora", "dora"), whole("rank"), number("alpha"), choice("targets", "all", "attention")],
  learning: [
    whole("steps"),
    whole("batch"),
    whole("accumulation"),
    choice("optimiser", "adamw", "adamw8bit", "prodigy"),
    number("rate"),
    choice("schedule", "cosine", "constant"),
    number("rate_end"),
    whole("warm_up"),
    number("weight_decay"),
    number("clip"),
    whole("seed"),
    number("caption_dropout"),
    number("ema"),
    number("prior_weight"),
  ],
  noise: [
    choice("noise", "logit_normal", "uniform"),
    number("shift"),
    number("min_snr"),
    choice("guidance", "plain", "contrastive"),
    number("guidance_scale"),
    number("guidance_least"),
    number("guidance_most"),
  ],
  watching: [
    number("validation_share"),
    whole("validate_every"),
    whole("checkpoint_every"),
    whole("sample_every"),
    { name: "sample_prompts", kind: "lines" },
  ],
  machine: [
    whole("size"),
    choice("precision", "float32", "bfloat16"),
    choice("base", "as_is", "nf4", "fp8"),
    { name: "gradient_checkpointing", kind: "switch" },
  ],
} as const satisfies Record<string, readonly Setting[]>;

export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];
const ALL: readonly Setting[] = GROUP_NAMES.flatMap((group) => [...GROUPS[group]]);

/** What is filled in, by name; what is not there is as usual. */
export type Filled = Readonly<Record<string, string>>;

/** A value as a field shows it. */
export const textOfSetting = (value: unknown): string =>
  Array.isArray(value) ? value.join("\n") : String(value ?? "");

/** The number that is written, if it is one; a comma counts as a point. */
export function numberOf(text: string, isWhole = false): number | null {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(number) || (isWhole && !Number.isInteger(number)) ? null : number;
}

/** Names of fields that hold what cannot be meant. */
export function wrongSettings(filled: Filled): string[] {
  return ALL.flatMap((one) => {
    const text = filled[one.name];
    return one.kind === "number" && text && numberOf(text, one.whole) === null ? [one.name] : [];
  });
}

/** The settings that are sent: those alone that differ from the usual ones. */
export function settingsOf(filled: Filled): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const one of ALL) {
    const text = filled[one.name] ?? "";
    if (text.trim() === "") continue;
    if (one.kind === "number") sent[one.name] = numberOf(text, one.whole) ?? text;
    else if (one.kind === "switch") sent[one.name] = text === "true";
    else if (one.kind === "lines") sent[one.name] = linesOf(text);
    else sent[one.name] = text;
  }
  return sent;
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** What a training was set to, as far as it is not `usual`. */
export function filledFrom(settings: Partial<TrainingSettings>, usual: Partial<TrainingSettings>): Filled {
  return Object.fromEntries(
    ALL.flatMap(({ name }) => {
      const [mine, theirs] = [textOfSetting(settings[name]), textOfSetting(usual[name])];
      return mine === theirs || mine === "" ? [] : [[name, mine]];
    }),
  );
}
