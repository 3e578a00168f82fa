import { Checkbox, Group, Input } from "@/parts/Field";
import { texts } from "@/texts";
import { lorasOf, newSlot, newStyle, type Slot, type Style } from "../assetType";
import { Row, Rows } from "./Rows";

interface RowsProps<T> {
  onChange: (rows: readonly T[]) => void;
  error: string | null;
}

export function Slots({ slots, onChange, error }: RowsProps<Slot> & { slots: readonly Slot[] }) {
  const said = texts.makers.type;
  const change = (key: number, part: Partial<Slot>) =>
    onChange(slots.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <Group label={said.slots} hint={said.slotsHint} error={error}>
      <Rows add={said.addSlot} onAdd={() => onChange([...slots, newSlot()])}>
        {slots.map((one, index) => (
          <Row
            key={one.key}
            remove={said.remove(one.name)}
            onRemove={() => onChange(slots.filter(({ key }) => key !== one.key))}
            columns="sm:grid-cols-[9rem_minmax(0,1fr)_minmax(0,1fr)_auto]"
          >
            <Input
              aria-label={said.slotName(index + 1)}
              placeholder={said.columns.name}
              className="font-mono"
              value={one.name}
              pattern="[a-z][a-z0-9_]*"
              onChange={(event) => change(one.key, { name: event.currentTarget.value })}
              required
            />
            <Input
              aria-label={said.slotDescription(index + 1)}
              placeholder={said.columns.asks}
              dir="auto"
              value={one.description}
              onChange={(event) => change(one.key, { description: event.currentTarget.value })}
            />
            <Input
              aria-label={said.slotChoices(index + 1)}
              placeholder={said.columns.choices}
              dir="auto"
              value={one.choices}
              onChange={(event) => change(one.key, { choices: event.currentTarget.value })}
            />
            <Checkbox
              label={said.slotRequired}
              checked={one.required}
              onChange={(event) => change(one.key, { required: event.currentTarget.checked })}
            />
          </Row>
        ))}
      </Rows>
    </Group>
  );
}

export function Styles({ styles, onChange, error }: RowsProps<Style> & { styles: readonly Style[] }) {
  const said = texts.makers.type;
  const change = (key: number, part: Partial<Style>) =>
    onChange(styles.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <Group label={said.styles} error={error}>
      <Rows add={said.addStyle} onAdd={() => onChange([...styles, newStyle()])}>
        {styles.map((one, index) => (
          <Row
            key={one.key}
            remove={said.remove(one.name)}
            onRemove={() => onChange(styles.filter(({ key }) => key !== one.key))}
            columns="sm:grid-cols-[7rem_9rem_minmax(0,1fr)_minmax(0,1fr)]"
          >
            <Input
              aria-label={said.styleId(index + 1)}
              placeholder={said.columns.id}
              className="font-mono"
              value={one.id}
              pattern="[a-z0-9][a-z0-9._\-]*"
              onChange={(event) => change(one.key, { id: event.currentTarget.value })}
              required
            />
            <Input
              aria-label={said.styleName(index + 1)}
              placeholder={said.columns.name}
              dir="auto"
              value={one.name}
              onChange={(event) => change(one.key, { name: event.currentTarget.value })}
              required
            />
            <Input
              aria-label={said.styleWords(index + 1)}
              placeholder={said.columns.words}
              dir="auto"
              value={one.words}
              onChange={(event) => change(one.key, { words: event.currentTarget.value })}
              required={lorasOf(one).length === 0}
            />
            <Input
              aria-label={said.styleNegative(index + 1)}
              placeholder={said.columns.negative}
              dir="auto"
              value={one.negative}
              onChange={(event) => change(one.key, { negative: event.currentTarget.value })}
            />
          </Row>
        ))}
      </Rows>
    </Group>
  );
}
