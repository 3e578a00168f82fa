import type { AssetTypeBody, BrandKitBody, SlotConfig } from "@openapi";
import { Field, Group, Input, Select } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";
import type { Draft } from "../draft";
import { change } from "../form";

interface TypeDetailsProps {
  draft: Draft;
  kind: AssetTypeBody | undefined;
  errors: Readonly<Record<string, string>>;
}

/** What the chosen asset type leaves open: its styles, and the slots of its template. */
export function TypeDetails({ draft, kind, errors }: TypeDetailsProps) {
  if (!kind || draft.every_type) return null;
  const styles = Object.entries(kind.styles ?? {});
  const slots = Object.entries(kind.slots ?? {});
  return (
    <>
      {styles.length > 0 && (
        <Group label={texts.create.style} name="style" error={errors.style ?? null}>
          <Segments
            label={texts.create.style}
            value={draft.style ?? ""}
            onChange={(style) => change({ style: style || null })}
            choices={[
              { value: "", label: usualStyle(kind) },
              ...styles.map(([id, style]) => ({
                value: id,
                label: style.name,
                title: style.words || texts.create.houseStyle,
              })),
            ]}
          />
        </Group>
      )}
      {slots.length > 0 && (
        <div className="grid gap-3" data-field="slots">
          {slots.map(([name, slot]) => (
            <Slot key={name} name={name} slot={slot} draft={draft} />
          ))}
          {errors.slots && (
            <p role="alert" className="text-[13px] text-bad">
              {errors.slots}
            </p>
          )}
        </div>
      )}
    </>
  );
}

const usualStyle = (kind: AssetTypeBody) =>
  kind.default_style
    ? texts.create.usualIs(kind.styles?.[kind.default_style]?.name ?? kind.default_style)
    : texts.create.usual;

function Slot({ name, slot, draft }: { name: string; slot: SlotConfig; draft: Draft }) {
  const value = draft.slots[name] ?? "";
  const set = (words: string) => change({ slots: { ...draft.slots, [name]: words } });
  const label = name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
  return (
    <Field label={label} aside={slot.required ? texts.create.required : null}>
      {(given) =>
        slot.choices.length > 0 ? (
          <Select {...given} value={value} onChange={(event) => set(event.currentTarget.value)}>
            <option value="">{slot.default ? texts.create.usualIs(slot.default) : texts.create.open}</option>
            {slot.choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </Select>
        ) : (
          <Input
            {...given}
            dir="auto"
            value={value}
            placeholder={slot.default || slot.description}
            onChange={(event) => set(event.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

interface BrandFieldProps {
  draft: Draft;
  kits: readonly BrandKitBody[];
  error: string | undefined;
}

/** The brand that pictures are kept to, with its colours. */
export function BrandField({ draft, kits, error }: BrandFieldProps) {
  if (kits.length === 0) return null;
  const chosen = kits.find((kit) => kit.id === draft.brand_kit);
  return (
    <Field
      label={texts.create.brandKit.label}
      name="brand_kit"
      error={error ?? null}
      aside={chosen && <Swatches kit={chosen} />}
    >
      {(given) => (
        <Select
          {...given}
          value={draft.brand_kit ?? ""}
          onChange={(event) => change({ brand_kit: event.currentTarget.value || null })}
        >
          <option value="">{texts.create.brandKit.usual}</option>
          <option value="none">{texts.create.brandKit.none}</option>
          {kits.map((kit) => (
            <option key={kit.id} value={kit.id}>
              {kit.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function Swatches({ kit }: { kit: BrandKitBody }) {
  return (
    <span className="flex gap-1" aria-hidden>
      {kit.palette.map((entry) => (
        <span
          key={entry.name}
          title={entry.name}
          className="size-3.5 rounded-full border border-line"
          style={{ background: entry.colour }}
        />
      ))}
    </span>
  );
}
