import { memo } from "react";
import { Group } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";
import { change, useErrors, useSettings } from "../form";
import { Advanced } from "./Advanced";
import { GuideFields } from "./GuideFields";
import { LoraFields } from "./LoraFields";
import { ModelField } from "./ModelField";
import { StartPicture } from "./StartPicture";
import { useCatalogue } from "./surroundings";
import { TypeCards } from "./TypeCards";
import { BrandField, TypeDetails } from "./TypeDetails";

const COUNTS = [1, 2, 4, 8];

/** All of the order but its words. It hears of everything else alone, so that a key in the prompt draws none of it. */
export const Choices = memo(function Choices() {
  const catalogue = useCatalogue();
  const { around, qualities } = catalogue;
  const draft = useSettings();
  const errors = useErrors();
  const quality = qualities.find((one) => one.id === draft.quality);
  return (
    <>
      <TypeCards draft={draft} types={catalogue.assetTypes} error={errors.asset_type} />
      <TypeDetails draft={draft} kind={around.assetType} errors={errors} />
      <Group label={texts.create.quality} name="quality" hint={quality?.description} error={errors.quality ?? null}>
        <Segments
          label={texts.create.quality}
          value={draft.quality}
          onChange={(id) => change({ quality: id })}
          choices={qualities.map((one) => ({ value: one.id, label: one.name, title: one.description }))}
        />
      </Group>
      <Group label={texts.create.count} name="num_variations" error={errors.num_variations ?? null}>
        <Segments
          label={texts.create.count}
          value={draft.num_variations}
          onChange={(count) => change({ num_variations: count })}
          choices={COUNTS.map((count) => ({ value: count, label: String(count) }))}
        />
      </Group>
      {around.assetType && !draft.every_type && (
        <Group label={texts.create.size} name="size" error={errors.size ?? null}>
          <Segments
            label={texts.create.size}
            value={draft.size ?? ""}
            onChange={(size) => change({ size: size || null })}
            choices={[
              { value: "", label: texts.create.auto, title: around.assetType.default_size.replace("x", " × ") },
              ...around.assetType.sizes.map((size) => ({ value: size as string, label: size.replace("x", " × ") })),
            ]}
          />
        </Group>
      )}
      <ModelField draft={draft} models={catalogue.models} model={around.model} error={errors.model} />
      <BrandField draft={draft} kits={catalogue.kits} error={errors.brand_kit} />
      <LoraFields draft={draft} around={around} error={errors.loras} />
      <StartPicture draft={draft} around={around} errors={errors} />
      {(["references", "controls", "image_prompts"] as const).map((field) => (
        <GuideFields key={field} field={field} draft={draft} around={around} error={errors[field]} />
      ))}
      <Advanced draft={draft} around={around} errors={errors} />
    </>
  );
});
