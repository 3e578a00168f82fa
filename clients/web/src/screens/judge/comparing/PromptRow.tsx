import type { ComparedRow, ComparedSide } from "@openapi";
import { Check } from "lucide-react";
import { type CSSProperties, useState } from "react";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Dialog } from "@/parts/Dialog";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Picture } from "@/parts/Picture";
import { texts } from "@/texts";

const NONE = "none";

interface PromptRowProps {
  row: ComparedRow;
  /** Keys are for this one. */
  current: boolean;
  /** A side can be picked. */
  open: boolean;
  onPick: (choice: string) => void;
}

/** A prompt with its sides beside each other, seed below seed. */
export function PromptRow({ row, current, open, onPick }: PromptRowProps) {
  const words = texts.judge.comparing;
  const [looking, setLooking] = useState<number | null>(null);
  const seeds = Math.max(1, ...row.sides.map((side) => side.pictures.length));
  const none = row.picked === NONE;
  return (
    <section
      aria-label={row.text}
      aria-current={current || undefined}
      className={classes("grid gap-3 border-l-2 pl-3 md:pl-4", current ? "border-accent" : "border-transparent")}
    >
      <h2 className="text-[15px] font-semibold" dir="auto">
        {row.text}
      </h2>
      <div
        className="grid grid-cols-2 gap-3 md:grid-cols-[repeat(var(--across),minmax(0,min(26rem,62dvh)))]"
        style={{ "--across": Math.min(4, row.sides.length) } as CSSProperties}
      >
        {row.sides.map((side) => (
          <Side
            key={side.label}
            side={side}
            seeds={seeds}
            picked={row.picked === side.label}
            open={open}
            onPick={() => onPick(side.label)}
            onLook={setLooking}
          />
        ))}
      </div>
      {open && (
        <Button
          look={none ? "primary" : "quiet"}
          size="small"
          className="justify-self-start"
          aria-pressed={none}
          onClick={() => onPick(NONE)}
        >
          {words.none_}
        </Button>
      )}
      {looking !== null && (
        <Dialog open onClose={() => setLooking(null)} title={row.text} shape="wide">
          <div className="grid gap-3 sm:grid-flow-col sm:auto-cols-fr">
            {row.sides.map((side) => (
              <figure key={side.label} className="grid gap-1.5">
                <Drawn side={side} place={looking} eager />
                <figcaption className="text-center font-semibold">{side.label}</figcaption>
              </figure>
            ))}
          </div>
        </Dialog>
      )}
    </section>
  );
}

interface SideProps {
  side: ComparedSide;
  seeds: number;
  picked: boolean;
  open: boolean;
  onPick: () => void;
  onLook: (place: number) => void;
}

function Side({ side, seeds, picked, open, onPick, onLook }: SideProps) {
  const words = texts.judge.comparing;
  const licence = side.pictures[0]?.licence;
  return (
    <div className="grid content-start gap-2">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <span className="font-semibold">
          {side.label}
          {side.way && side.way !== side.label && <span className="font-normal text-soft"> {side.way}</span>}
        </span>
        {open ? (
          <Button
            look={picked ? "primary" : "plain"}
            size="small"
            aria-pressed={picked}
            aria-label={words.pick(side.label)}
            onClick={onPick}
          >
            {picked && <Check className="size-3.5" aria-hidden />}
            {words.best}
          </Button>
        ) : (
          picked && (
            <span className="flex items-center gap-1 text-[13px] font-semibold text-accent">
              <Check className="size-3.5" aria-hidden />
              {words.best}
            </span>
          )
        )}
      </div>
      {Array.from({ length: seeds }, (_, place) => side.pictures[place]?.seed ?? -1 - place).map((seed, place) => (
        <button
          key={seed}
          type="button"
          disabled={!side.pictures[place]}
          onClick={() => onLook(place)}
          aria-label={`${side.label}: ${words.enlarge}`}
          className={classes("block rounded-lg", picked && "outline-3 outline-offset-1 outline-accent")}
        >
          <Drawn side={side} place={place} />
        </button>
      ))}
      {licence && (
        <span>
          <LicenceBadge licence={licence} />
        </span>
      )}
    </div>
  );
}

function Drawn({ side, place, eager }: { side: ComparedSide; place: number; eager?: boolean }) {
  const words = texts.judge.comparing;
  const picture = side.pictures[place];
  const waiting = side.failed > 0 ? words.failed : words.toCome;
  return (
    <Picture
      url={picture?.url ?? null}
      alt={picture ? side.label : ""}
      width={picture?.width ?? 1}
      height={picture?.height ?? 1}
      eager={eager}
    >
      {!picture && (
        <span className="absolute inset-0 grid place-items-center bg-well p-3 text-center text-xs text-soft">
          {waiting}
        </span>
      )}
    </Picture>
  );
}
