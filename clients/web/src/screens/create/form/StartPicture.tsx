import type { ModelBody } from "@openapi";
import { Brush, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/parts/Button";
import { Group, Slider } from "@/parts/Field";
import { useSource } from "@/parts/source";
import { texts } from "@/texts";
import { limitsOf, needsPicture, paints, redraws } from "../abilities";
import type { Draft, Source } from "../draft";
import { change } from "../form";
import { type Surroundings, strengthOf } from "../request";
import { bring } from "../uploads";
import { PictureDrop } from "./PictureDrop";

/** Loaded when it is opened: the first screen stays light. */
const MaskDialog = lazy(() => import("./MaskDialog").then((module) => ({ default: module.MaskDialog })));

interface StartPictureProps {
  draft: Draft;
  around: Surroundings;
  errors: Readonly<Record<string, string>>;
}

const own = texts.create.start;

/** The picture that the drawing begins with: how much of it is redrawn, and where. */
export function StartPicture({ draft, around, errors }: StartPictureProps) {
  const { model } = around;
  if (!redraws(model)) return null;
  const { image } = draft;
  return (
    <Group
      label={own.label}
      name="image"
      error={errors.image ?? null}
      hint={!image && needsPicture(model) ? own.needed : null}
    >
      {image ? (
        <Chosen key={image.id} image={image} draft={draft} around={around} errors={errors} />
      ) : (
        <PictureDrop
          label={texts.create.pictures.choose}
          onFiles={(files) => files[0] && beginWith(files[0], around)}
          onChosen={(source) => change({ image: source, mask: null, strength: null })}
        />
      )}
    </Group>
  );
}

/** Begin with a file: it is sent to the studio at once. */
export function beginWith(file: File, around: Surroundings): void {
  const most = limitsOf(around.limits).pictureBytes;
  const source = bring(file, file.name || texts.create.pictures.untitled, "image", most);
  if (source) change({ image: source, mask: null, strength: null });
}

function Chosen({ image, draft, around, errors }: StartPictureProps & { image: Source }) {
  const { model } = around;
  const [painting, setPainting] = useState(false);
  const [shape, setShape] = useState<number | null>(null);
  const shown = useSource(image.url);
  const mask = paints(model) ? draft.mask : null;
  const maskShown = useSource(mask?.url ?? null);
  const aspect = aspectOf(draft, around);
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-3 rounded-lg border border-line p-2.5">
      <div className="checkered relative self-start overflow-hidden rounded-md bg-well">
        {shown.url && (
          <img
            src={shown.url}
            alt={image.title}
            className="max-h-40 w-full object-contain"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setShape(naturalWidth / naturalHeight)}
          />
        )}
        {maskShown.url && (
          <img
            src={maskShown.url}
            alt=""
            className="pointer-events-none absolute inset-0 size-full object-contain opacity-65 mix-blend-screen"
          />
        )}
      </div>
      <div className="grid min-w-0 content-start gap-2">
        <div className="flex items-start gap-1">
          <p className="min-w-0 flex-1 truncate pt-1.5 text-[13px]" dir="auto" title={image.title}>
            {image.title}
          </p>
          <Button look="quiet" size="icon" aria-label={own.remove} onClick={() => change({ image: null, mask: null })}>
            <X className="size-4" aria-hidden />
          </Button>
        </div>
        <div data-field="strength">
          <p className="text-xs text-soft">{own.strength}</p>
          <Slider
            aria-label={own.strength}
            min={5}
            max={100}
            step={5}
            value={Math.round(strengthOf(draft, model) * 100)}
            onChange={(percent) => change({ strength: percent / 100 })}
            shown={`${Math.round(strengthOf(draft, model) * 100)} %`}
          />
        </div>
        {paints(model) && (
          <div className="flex flex-wrap gap-1.5" data-field="mask">
            <Button size="small" onClick={() => setPainting(true)} disabled={!shown.url}>
              <Brush className="size-3.5" aria-hidden />
              {mask ? own.paintMore : own.paint}
            </Button>
            {mask && (
              <Button size="small" look="quiet" onClick={() => change({ mask: null })}>
                {own.whole}
              </Button>
            )}
          </div>
        )}
        <p className="text-xs text-soft" data-where>
          {whereOf(image, mask, model)} {shape === null ? "" : fitOf(shape, aspect)}
        </p>
        {(errors.strength || errors.mask) && (
          <p role="alert" className="text-[13px] text-bad">
            {errors.strength ?? errors.mask}
          </p>
        )}
      </div>
      {painting && shown.url && (
        <Suspense>
          <MaskDialog
            picture={shown.url}
            mask={maskShown.url}
            aspect={aspect}
            onClose={() => setPainting(false)}
            onPainted={(painted) => {
              const most = limitsOf(around.limits).pictureBytes;
              change({ mask: painted ? bring(painted, "mask.png", "mask", most) : null });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

/** Width by height of what is drawn. */
function aspectOf(draft: Draft, { assetType }: Surroundings): number {
  const [width, height] = (draft.size ?? assetType?.default_size ?? "1x1").split("x").map(Number);
  return (width ?? 1) / (height || 1) || 1;
}

/** Which part is redrawn, in words. */
function whereOf(image: Source, mask: Source | null, model: ModelBody | undefined): string {
  if (!image.name) return texts.create.pictures.sending;
  if (!mask) return paints(model) ? own.allRedrawn : "";
  return mask.name ? own.partRedrawn : own.maskSending;
}

/** What is lost of a picture that has not the shape of what is drawn. */
function fitOf(shape: number, aspect: number): string {
  if (Math.abs(Math.log(shape / aspect)) < 0.02) return "";
  return shape > aspect ? own.cutSides : own.cutTop;
}
