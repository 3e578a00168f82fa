import type { AssetTypeBody } from "@openapi";
import { type ReactNode, useId } from "react";
import { Group } from "@/parts/Field";
import { texts } from "@/texts";
import { type Draft, forType } from "../draft";
import { change } from "../form";
import { Glyph } from "./Glyph";

interface TypeCardsProps {
  draft: Draft;
  types: readonly AssetTypeBody[];
  error: string | undefined;
}

/** What kind of picture it is to be, or all kinds at once. */
export function TypeCards({ draft, types, error }: TypeCardsProps) {
  const name = useId();
  const chosen = types.find((one) => one.id === draft.asset_type);
  const hint = draft.every_type ? texts.create.everyType.hint : chosen?.description;
  return (
    <Group label={texts.create.assetType} name="asset_type" hint={hint} error={error ?? null}>
      <div className="grid grid-cols-2 gap-1.5">
        {types.map((kind) => (
          <Card
            key={kind.id}
            name={name}
            glyph={kind.id}
            checked={!draft.every_type && kind.id === draft.asset_type}
            onChoose={() => change(forType(draft, kind))}
          >
            {kind.name}
          </Card>
        ))}
        {types.length > 1 && (
          <Card
            name={name}
            glyph="every"
            checked={draft.every_type}
            onChoose={() => change({ every_type: true })}
            wide={types.length % 2 === 0}
          >
            {texts.create.everyType.label}
          </Card>
        )}
      </div>
    </Group>
  );
}

interface CardProps {
  name: string;
  glyph: string;
  checked: boolean;
  onChoose: () => void;
  wide?: boolean;
  children: ReactNode;
}

function Card({ name, glyph, checked, onChoose, wide, children }: CardProps) {
  return (
    <label
      className={`flex min-h-11 cursor-pointer items-center gap-2.5 rounded-lg border border-line px-3 py-1.5 text-[13px] leading-tight text-soft hover:border-edge has-checked:border-accent has-checked:bg-wash has-checked:font-semibold has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${wide ? "col-span-2" : ""}`}
    >
      <input type="radio" className="sr-only" name={name} checked={checked} onChange={onChoose} />
      <span className={checked ? "text-accent" : ""}>
        <Glyph of={glyph} />
      </span>
      {children}
    </label>
  );
}
