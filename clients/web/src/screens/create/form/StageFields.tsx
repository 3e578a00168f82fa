import type { StageSettings } from "@openapi";
import { Checkbox, Field, Group, Select } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";
import type { Draft } from "../draft";
import { change } from "../form";

/** Stages beyond the usual ones; what was said of others, such as by a recipe, stays. */
export function StageFields({ draft, error }: { draft: Draft; error: string | undefined }) {
  const own = texts.create.stages;
  const { upscale, cut_out, palette } = draft.stages;
  const set = <K extends keyof StageSettings>(kind: K, settings: StageSettings[K] | undefined) => {
    const { [kind]: _, ...others } = draft.stages;
    change({ stages: settings === undefined ? others : { ...others, [kind]: settings } });
  };
  const factor = upscale === undefined || upscale === null ? 0 : upscale === false ? 1 : (upscale.factor ?? 0);
  const mode = palette === undefined || palette === null ? "" : palette === false ? "off" : palette.mode;
  return (
    <div className="grid gap-4" data-field="stages">
      <Group label={own.upscale}>
        <Segments<number>
          label={own.upscale}
          value={factor}
          onChange={(times) => set("upscale", times === 0 ? undefined : { factor: times as 1 | 2 | 4 })}
          choices={[0, 1, 2, 4].map((times) => ({
            value: times,
            label: times === 0 ? texts.create.usual : own.times(times),
          }))}
        />
      </Group>
      <Field label={own.palette}>
        {(given) => (
          <Select
            {...given}
            value={mode === "auto" ? "" : mode}
            onChange={({ currentTarget: { value } }) => set("palette", paletteOf(value))}
          >
            <option value="">{texts.create.usual}</option>
            {(["soft", "snap", "off"] as const).map((one) => (
              <option key={one} value={one}>
                {own.paletteModes[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Checkbox
        label={own.cutOut}
        checked={Boolean(cut_out)}
        onChange={(event) => set("cut_out", event.currentTarget.checked ? { holes: false, method: "auto" } : undefined)}
      />
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

function paletteOf(value: string): StageSettings["palette"] | undefined {
  if (value === "off") return false;
  return value === "soft" || value === "snap" ? { mode: value, strength: 1 } : undefined;
}
