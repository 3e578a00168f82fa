import { Segments } from "@/parts/Segments";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { letterOf, sidesOf } from "./letters";

interface CriteriaProps {
  criteria: readonly string[];
  choices: readonly string[];
  said: Readonly<Record<string, string>>;
  onSay: (criterion: string, choice: string) => void;
}

/** What may be said beside the choice; nothing of it has to be. `1 a` says A of the first one. */
export function Criteria({ criteria, choices, said, onSay }: CriteriaProps) {
  const answers = [...sidesOf(choices), "tie"];
  return (
    <fieldset
      aria-label={texts.judge.sitting.criteria}
      className="mx-auto flex w-full max-w-3xl flex-wrap items-center justify-center gap-x-5 gap-y-2"
      // Here arrows move between the answers to a criterion; elsewhere they vote.
      onKeyDown={(event) => event.key.startsWith("Arrow") && event.stopPropagation()}
    >
      {criteria.map((criterion, place) => (
        <div key={criterion} className="flex items-center gap-2">
          <span className="text-[13px] text-soft">{nameOf(criterion)}</span>
          <Segments
            label={nameOf(criterion)}
            value={said[criterion] ?? null}
            onChange={(choice) => onSay(criterion, choice)}
            choices={answers.map((choice) => ({
              value: choice,
              label: letterOf(choice) ?? "=",
              title: letterOf(choice) ?? texts.judge.sitting.tie.short,
            }))}
          />
          {answers.map((choice) => (
            <SayKey
              key={choice}
              keys={`${place + 1} ${(letterOf(choice) ?? "t").toLowerCase()}`}
              label={`${nameOf(criterion)}: ${letterOf(choice) ?? texts.judge.sitting.tie.short}`}
              run={() => onSay(criterion, choice)}
            />
          ))}
        </div>
      ))}
    </fieldset>
  );
}

const nameOf = (criterion: string) => {
  const words = criterion.replaceAll(/[-_.]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function SayKey({ keys, label, run }: { keys: string; label: string; run: () => void }) {
  useShortcut(keys, label, run);
  return null;
}
