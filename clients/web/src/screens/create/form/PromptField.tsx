import { type KeyboardEvent, useRef } from "react";
import { Field } from "@/parts/Field";
import { texts } from "@/texts";
import { change } from "../form";
import { readPrompts, type Walk, walk } from "../promptHistory";

/** From this share of the limit on, what is left is counted. */
const NEAR = 0.8;

interface PromptFieldProps {
  prompt: string;
  most: number;
  error: string | undefined;
}

/** The words. The box grows with them; Alt and an arrow walk through earlier ones. */
export function PromptField({ prompt, most, error }: PromptFieldProps) {
  const at = useRef<Walk>({ at: -1, own: "" });
  const has = prompt.trim().length;
  const tooLong = has > most ? texts.create.prompt.tooLong(has, most) : null;
  const step = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (at.current.at < 0) at.current = { at: -1, own: prompt };
    const walked = walk(readPrompts(), at.current, event.key === "ArrowUp" ? 1 : -1);
    at.current = walked.walk;
    change({ prompt: walked.prompt });
  };
  return (
    <Field
      label={texts.create.prompt.label}
      name="prompt"
      error={tooLong ?? error ?? null}
      hint={has > most * NEAR && has <= most ? texts.create.prompt.left(most - has) : null}
    >
      {(given) => (
        <textarea
          {...given}
          className="field-sizing-content max-h-[40vh] min-h-22 w-full resize-none rounded-lg border border-edge bg-paper px-3 py-2.5 text-[15px] leading-normal text-ink placeholder:text-soft aria-invalid:border-bad"
          dir="auto"
          rows={3}
          value={prompt}
          placeholder={texts.create.prompt.placeholder}
          autoComplete="off"
          spellCheck
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Control+Enter"
          title={texts.create.prompt.history}
          onKeyDown={step}
          onChange={(event) => {
            at.current = { at: -1, own: "" };
            change({ prompt: event.currentTarget.value });
          }}
        />
      )}
    </Field>
  );
}
