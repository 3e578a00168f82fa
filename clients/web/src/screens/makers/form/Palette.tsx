import { Group, Input, Select } from "@/parts/Field";
import { texts } from "@/texts";
import { type Colour, type ColourRole, newColour, ROLES } from "../brandKit";
import { isColour } from "../contrast";
import { Row, Rows } from "./Rows";

interface PaletteProps {
  palette: readonly Colour[];
  onChange: (palette: readonly Colour[]) => void;
  error: string | null;
}

const MOST = 64;
const COLUMNS = "grid-cols-[2.25rem_minmax(0,1fr)_6.5rem] sm:grid-cols-[2.25rem_minmax(0,1fr)_6.5rem_9rem_5.5rem]";

/** Colours of a kit, a row each. */
export function Palette({ palette, onChange, error }: PaletteProps) {
  const said = texts.makers.kit;
  const change = (key: number, part: Partial<Colour>) =>
    onChange(palette.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <Group label={said.palette} hint={said.toleranceHint} error={error}>
      <div aria-hidden className={`mr-10 grid gap-2 text-xs text-soft max-sm:hidden ${COLUMNS}`}>
        <span />
        <span>{texts.makers.form.name}</span>
        <span>{said.colour}</span>
        <span>{said.role}</span>
        <span>{said.tolerance}</span>
      </div>
      <Rows add={said.addColour} onAdd={palette.length < MOST ? () => onChange([...palette, newColour()]) : undefined}>
        {palette.map((one, index) => (
          <ColourRow
            key={one.key}
            of={one}
            place={index + 1}
            onChange={(part) => change(one.key, part)}
            onRemove={palette.length > 1 ? () => onChange(palette.filter(({ key }) => key !== one.key)) : undefined}
          />
        ))}
      </Rows>
    </Group>
  );
}

interface ColourRowProps {
  of: Colour;
  place: number;
  onChange: (part: Partial<Colour>) => void;
  onRemove: (() => void) | undefined;
}

function ColourRow({ of, place, onChange, onRemove }: ColourRowProps) {
  const said = texts.makers.kit;
  return (
    <Row remove={said.removeOf(place)} onRemove={onRemove} columns={COLUMNS}>
      <input
        type="color"
        aria-label={said.colourOf(place)}
        className="size-9 cursor-pointer rounded-lg border border-edge bg-paper p-0.5"
        value={isColour(of.colour) ? of.colour : "#808080"}
        onChange={(event) => onChange({ colour: event.currentTarget.value })}
      />
      <Input
        aria-label={said.colourName(place)}
        dir="auto"
        value={of.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        required
      />
      <Input
        aria-label={said.hexOf(place)}
        className="font-mono"
        value={of.colour}
        maxLength={7}
        pattern="#[0-9a-fA-F]{6}"
        aria-invalid={!isColour(of.colour)}
        spellCheck={false}
        onChange={(event) => onChange({ colour: event.currentTarget.value })}
        required
      />
      <Select
        aria-label={said.roleOf(place)}
        className="max-sm:order-last max-sm:col-span-2 max-sm:col-start-2 max-sm:row-start-2"
        value={of.role}
        onChange={(event) => onChange({ role: event.currentTarget.value as ColourRole })}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {said.roles[role]}
          </option>
        ))}
      </Select>
      <Input
        type="number"
        aria-label={said.toleranceOf(place)}
        className="max-sm:hidden"
        min={0.005}
        max={0.3}
        step={0.005}
        value={of.tolerance}
        onChange={(event) => onChange({ tolerance: event.currentTarget.valueAsNumber || of.tolerance })}
      />
    </Row>
  );
}
