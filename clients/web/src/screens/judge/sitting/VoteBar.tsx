import type { ReactNode } from "react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Key } from "@/shortcuts/ShortcutList";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { letterOf, sidesOf } from "./letters";

interface VoteBarProps {
  choices: readonly string[];
  onChoose: (choice: string) => void;
  /** Nothing is shown yet that could be judged. */
  off: boolean;
}

/** The answers to a ballot, where a thumb reaches them, and their keys. */
export function VoteBar({ choices, onChoose, off }: VoteBarProps) {
  const sides = sidesOf(choices);
  const { better, tie, neither, skip } = texts.judge.sitting;
  return (
    <div className="mx-auto grid w-full max-w-3xl gap-2 md:flex md:items-center md:justify-center">
      <div className={classes("grid gap-2 md:order-1 md:flex", sides.length > 2 ? "grid-cols-4" : "grid-cols-2")}>
        {sides.map((choice) => (
          <Answer
            key={choice}
            keys={(letterOf(choice) ?? "").toLowerCase()}
            label={better(letterOf(choice) ?? choice)}
            off={off}
            large
            onPress={() => onChoose(choice)}
          >
            {letterOf(choice)}
          </Answer>
        ))}
      </div>
      <div className="grid grid-cols-3 gap-2 md:order-2 md:flex">
        <Answer keys="t" label={tie.long} off={off} onPress={() => onChoose("tie")}>
          {tie.short}
        </Answer>
        <Answer keys="n" label={neither.long} off={off} onPress={() => onChoose("both_bad")}>
          {neither.short}
        </Answer>
        <Answer keys="s" label={skip.long} off={off} quiet onPress={() => onChoose("skip")}>
          {skip.short}
        </Answer>
      </div>
      {sides.length === 2 && <Arrows onChoose={onChoose} off={off} />}
    </div>
  );
}

interface AnswerProps {
  keys: string;
  label: string;
  off: boolean;
  large?: boolean;
  quiet?: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Answer({ keys, label, off, large, quiet, onPress, children }: AnswerProps) {
  useShortcut(keys, label, onPress, { off });
  return (
    <Button
      look={quiet ? "quiet" : "plain"}
      size="large"
      aria-label={label}
      disabled={off}
      onClick={onPress}
      className={classes("px-3", large && "h-13 text-lg md:h-11 md:min-w-28 md:text-[15px]")}
    >
      {children}
      <span aria-hidden className={classes("hidden md:inline", large && "md:hidden")}>
        <Key>{keys.toUpperCase()}</Key>
      </span>
    </Button>
  );
}

/** The arrows, too: the picture at the left, the one at the right, neither more than the other. */
function Arrows({ onChoose, off }: { onChoose: (choice: string) => void; off: boolean }) {
  const { better, tie } = texts.judge.sitting;
  useShortcut("ArrowLeft", better("A"), () => onChoose("left"), { off });
  useShortcut("ArrowRight", better("B"), () => onChoose("right"), { off });
  useShortcut("ArrowDown", tie.long, () => onChoose("tie"), { off });
  return null;
}
