import { Checkbox, Group } from "@/parts/Field";
import { texts } from "@/texts";
import type { Draft, Format } from "../draft";
import { change } from "../form";
import type { Surroundings } from "../request";
import { TextField } from "./TextField";

const FORMATS: readonly Format[] = ["png", "webp", "jpeg", "avif", "svg", "pdf"];

interface FileFieldsProps {
  draft: Draft;
  around: Surroundings;
  errors: Readonly<Record<string, string>>;
}

/** The files that a picture is written as: their formats, and their further sizes. */
export function FileFields({ draft, around, errors }: FileFieldsProps) {
  const chosen = draft.formats ?? [];
  const usual = around.assetType?.formats ?? [];
  const toggle = (format: Format) => {
    const now = chosen.includes(format) ? chosen.filter((one) => one !== format) : [...chosen, format];
    change({ formats: now.length > 0 ? now : null });
  };
  return (
    <>
      <Group
        label={texts.create.formats.label}
        aside={texts.create.formats.aside}
        name="formats"
        error={errors.formats ?? null}
        hint={chosen.length === 0 ? texts.create.usualIs(usual.map((one) => one.toUpperCase()).join(", ")) : null}
      >
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {FORMATS.map((format) => (
            <Checkbox
              key={format}
              label={format.toUpperCase()}
              checked={chosen.includes(format)}
              onChange={() => toggle(format)}
            />
          ))}
        </div>
      </Group>
      <TextField field="sizes" draft={draft} error={errors.sizes} {...texts.create.sizes} />
    </>
  );
}
