import type { ComparedRow, ComparisonBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { pickSide } from "@/api/comparisons";
import { announce } from "@/live/announcements";
import { toast } from "@/parts/toasts";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { PromptRow } from "./PromptRow";

export const NONE = "none";
const LETTERS = "abcdefgh";

/** The prompts of a comparison. Keys pick for the one that is current: the first that nobody has judged, or where one
 * went with `j` and `k`. */
export function ComparedPrompts({ comparison }: { comparison: ComparisonBody }) {
  const { comparison_id: id, prompts, blind, revealed } = comparison;
  const open = !(blind && revealed);
  const [at, setAt] = useState<number | null>(null);
  const current = at ?? nextOf(prompts)?.prompt ?? null;
  const client = useQueryClient();
  const key = ["comparison", id];
  const pick = useMutation({
    mutationFn: ({ prompt, choice }: { prompt: number; choice: string }) => pickSide(id, prompt, choice),
    onMutate: ({ prompt, choice }) => {
      const before = client.getQueryData<ComparisonBody>(key);
      client.setQueryData<ComparisonBody>(key, (now) => now && withPick(now, prompt, choice));
      return { before };
    },
    onSuccess: (now) => client.setQueryData(key, now),
    onError: (error, _, context) => {
      client.setQueryData(key, context?.before);
      toast(error.message, { tone: "bad" });
    },
  });

  function choose(prompt: number, choice: string) {
    const row = prompts.find((one) => one.prompt === prompt);
    if (!open || !row || !canPick(row)) return;
    pick.mutate({ prompt, choice });
    announce(choice === NONE ? texts.judge.comparing.none_ : texts.judge.comparing.pick(choice));
    setAt(nextOf(prompts, prompt)?.prompt ?? null);
  }

  const shown = prompts.find((row) => row.prompt === current);
  const move = (by: number) => {
    const place = prompts.findIndex((row) => row.prompt === current);
    setAt(prompts[Math.min(prompts.length - 1, Math.max(0, place + by))]?.prompt ?? null);
  };
  const { next, previous } = texts.judge.comparing;
  useShortcut("j", next, () => move(1), { off: prompts.length < 2 });
  useShortcut("k", previous, () => move(-1), { off: prompts.length < 2 });
  return (
    <div className="grid gap-10">
      {prompts.map((row) => (
        <Followed key={row.prompt} follow={row.prompt === at}>
          <PromptRow
            row={row}
            current={open && prompts.length > 1 && row.prompt === current}
            open={open && canPick(row)}
            onPick={(choice) => choose(row.prompt, choice)}
          />
        </Followed>
      ))}
      {open && shown && canPick(shown) && (
        <PickKeys labels={shown.sides.map((side) => side.label)} onPick={(choice) => choose(shown.prompt, choice)} />
      )}
    </div>
  );
}

/** All of its sides are there to be looked at. */
const canPick = (row: ComparedRow) => row.sides.every((side) => side.pictures.length > 0 || side.failed > 0);

function nextOf(prompts: readonly ComparedRow[], after?: number): ComparedRow | undefined {
  const open = prompts.filter((row) => row.picked == null && row.prompt !== after);
  return open.find((row) => after === undefined || row.prompt > after) ?? open[0];
}

function withPick(comparison: ComparisonBody, prompt: number, picked: string): ComparisonBody {
  return {
    ...comparison,
    prompts: comparison.prompts.map((row) => (row.prompt === prompt ? { ...row, picked } : row)),
  };
}

/** Comes into view when one goes to it. */
function Followed({ follow, children }: { follow: boolean; children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (follow) place.current?.scrollIntoView({ block: "center", behavior: "smooth" });
  }, [follow]);
  return <div ref={place}>{children}</div>;
}

function PickKeys({ labels, onPick }: { labels: readonly string[]; onPick: (choice: string) => void }) {
  return (
    <>
      {labels.map((label, place) => (
        <PickKey
          key={label}
          keys={LETTERS[place] ?? String(place + 1)}
          label={texts.judge.comparing.pick(label)}
          run={() => onPick(label)}
        />
      ))}
      <PickKey keys="n" label={texts.judge.comparing.none_} run={() => onPick(NONE)} />
    </>
  );
}

function PickKey({ keys, label, run }: { keys: string; label: string; run: () => void }) {
  useShortcut(keys, label, run);
  return null;
}
