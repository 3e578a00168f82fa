import type { ModelBody } from "@openapi";
import { X } from "lucide-react";
import { announce } from "@/live/announcements";
import { Button } from "@/parts/Button";
import { Group, Select, Slider } from "@/parts/Field";
import { Picture } from "@/parts/Picture";
import { texts } from "@/texts";
import { type GuideField, limitsOf, room, takenGuides, takenReferences } from "../abilities";
import type { Draft, Guide, Source } from "../draft";
import { change, currentDraft } from "../form";
import type { Surroundings } from "../request";
import { bring } from "../uploads";
import { PictureDrop } from "./PictureDrop";

interface GuideFieldsProps {
  field: GuideField;
  draft: Draft;
  around: Surroundings;
  error: string | undefined;
}

/** Further pictures of an order, as many as the model takes: to edit, to follow, or to say what to draw. */
export function GuideFields({ field, draft, around, error }: GuideFieldsProps) {
  const most = limitsOf(around.limits).pictures;
  const places = room(field, around.model, most);
  if (places === 0) return null;
  const own = texts.create.guides[field];
  const shown = shownOf(field, draft, around.model, most);
  return (
    <Group label={own.label} aside={own.aside} name={field} error={error ?? null}>
      {shown.length > 0 && (
        <ul className="grid gap-2">
          {shown.map((guide, at) => (
            <Row
              key={guide.source.id}
              field={field}
              guide={guide}
              what={`${own.one} ${at + 1}`}
              kinds={around.model?.capabilities.controls ?? []}
            />
          ))}
        </ul>
      )}
      {shown.length < places && (
        <PictureDrop
          label={field === "references" ? texts.create.pictures.choose : texts.create.pictures.add}
          several
          onFiles={(files) => addFiles(field, files, around)}
          onChosen={(source) => put(field, source, around.model)}
        />
      )}
    </Group>
  );
}

/** Add files while there is room; each is sent to the studio at once. */
export function addFiles(field: GuideField, files: readonly File[], around: Surroundings): void {
  const limits = limitsOf(around.limits);
  for (const file of files) {
    const taken = shownOf(field, currentDraft(), around.model, limits.pictures).length;
    if (taken >= room(field, around.model, limits.pictures)) return;
    const source = bring(file, file.name || texts.create.pictures.untitled, field, limits.pictureBytes);
    if (source) put(field, source, around.model);
  }
}

function shownOf(field: GuideField, draft: Draft, model: ModelBody | undefined, most: number): Guide[] {
  if (field !== "references") return takenGuides(field, draft, model, most);
  return takenReferences(draft, model, most).map((source) => ({ source, kind: "", scale: 1, start: 0, end: 1 }));
}

/** A guide is of a kind that is not used yet, and counts as usual. */
function put(field: GuideField, source: Source, model: ModelBody | undefined): void {
  const draft = currentDraft();
  if (field === "references") {
    change({ references: [...draft.references, source] });
    return;
  }
  const kinds = field === "controls" ? (model?.capabilities.controls ?? []) : [];
  const used = draft[field].map((guide) => guide.kind);
  const kind = kinds.find((one) => !used.includes(one)) ?? kinds[0] ?? "";
  change({ [field]: [...draft[field], { source, kind, scale: 1, start: 0, end: 1 }] });
}

function remove(field: GuideField, source: Source): void {
  const draft = currentDraft();
  if (field === "references") change({ references: draft.references.filter((one) => one.id !== source.id) });
  else change({ [field]: draft[field].filter((guide) => guide.source.id !== source.id) });
}

interface RowProps {
  field: GuideField;
  guide: Guide;
  what: string;
  kinds: readonly string[];
}

function Row({ field, guide, what, kinds }: RowProps) {
  const { source } = guide;
  const set = (how: Partial<Guide>) => {
    if (field === "references") return;
    const list = currentDraft()[field];
    change({ [field]: list.map((one) => (one.source.id === source.id ? { ...one, ...how } : one)) });
  };
  return (
    <li className="grid grid-cols-[3.5rem_minmax(0,1fr)_auto] items-center gap-3 rounded-lg border border-line p-2">
      <Picture url={source.url} alt={source.title} width={1} height={1} cover />
      <div className="grid min-w-0 gap-1">
        {field === "controls" ? (
          <Select
            aria-label={texts.create.guides.kind(what)}
            value={guide.kind}
            onChange={(event) => set({ kind: event.currentTarget.value })}
          >
            {kinds.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </Select>
        ) : (
          <p className="truncate text-[13px]" dir="auto">
            {source.name ? source.title : texts.create.pictures.sending}
          </p>
        )}
        {field !== "references" && (
          <Slider
            aria-label={texts.create.guides.scale(what)}
            min={0}
            max={2}
            step={0.05}
            value={guide.scale}
            onChange={(scale) => set({ scale })}
            shown={guide.scale.toFixed(2)}
          />
        )}
      </div>
      <Button
        look="quiet"
        size="icon"
        aria-label={texts.create.guides.remove(what)}
        onClick={() => {
          remove(field, source);
          announce(texts.create.guides.removed(what));
        }}
      >
        <X className="size-4" aria-hidden />
      </Button>
    </li>
  );
}
