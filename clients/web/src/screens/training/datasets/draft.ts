import type { DatasetBody, DatasetChanges, DatasetPictureBody } from "@openapi";
import type { Right } from "@/api/datasets";

/** What somebody has changed of a dataset and not saved yet: the next version is made of all of it at once. */
export interface Draft {
  readonly captions: Readonly<Record<string, { caption: string; by: string; unsure?: boolean }>>;
  readonly rights: Readonly<Record<string, { right: Right; source: string }>>;
  readonly removed: readonly string[];
  readonly name?: string | undefined;
  readonly trigger?: string | undefined;
  /** Empty: of no type. */
  readonly assetType?: string | undefined;
}

export const NOTHING: Draft = { captions: {}, rights: {}, removed: [] };
const HUMAN = "human";

/** A picture as it will be. */
export const drafted = (picture: DatasetPictureBody, draft: Draft): DatasetPictureBody => {
  const caption = draft.captions[picture.picture];
  return {
    ...picture,
    ...draft.rights[picture.picture],
    ...(caption && { caption: caption.caption, caption_by: caption.by, unsure: caption.unsure ?? false }),
  };
};

/** The pictures that are left, as they will be. */
export function draftedPictures(dataset: DatasetBody, draft: Draft): DatasetPictureBody[] {
  const removed = new Set(draft.removed);
  return dataset.pictures.filter((one) => !removed.has(one.picture)).map((one) => drafted(one, draft));
}

/** Whether a program wrote its caption, and nobody has read it. */
export const isUnread = (picture: DatasetPictureBody) => picture.caption !== "" && picture.caption_by !== HUMAN;

/** Whether a caption may be suggested for it: what a person wrote stays. */
export const isOpen = (picture: DatasetPictureBody) => picture.caption === "" || picture.caption_by !== HUMAN;

/** A caption as it is in the saved version is no change. */
export function written(draft: Draft, saved: DatasetPictureBody, caption: string, by = HUMAN, unsure = false): Draft {
  const { [saved.picture]: _, ...others } = draft.captions;
  const text = caption.trim();
  if (text === saved.caption && by === saved.caption_by) return { ...draft, captions: others };
  if (text === saved.caption && text === "") return { ...draft, captions: others };
  return { ...draft, captions: { ...others, [saved.picture]: { caption: text, by, ...(unsure && { unsure }) } } };
}

/** The captions of those pictures as they are, read: they are a person's now. */
export function accepted(dataset: DatasetBody, draft: Draft, ids: readonly string[]): { draft: Draft; count: number } {
  const meant = new Set(ids);
  let [now, count] = [draft, 0];
  for (const saved of dataset.pictures) {
    const picture = drafted(saved, draft);
    if (!meant.has(saved.picture) || !isUnread(picture)) continue;
    now = written(now, saved, picture.caption);
    count += 1;
  }
  return { draft: now, count };
}

export function righted(draft: Draft, ids: readonly string[], right: Right, source: string): Draft {
  const rights = Object.fromEntries(ids.map((id) => [id, { right, source: source.trim() }]));
  return { ...draft, rights: { ...draft.rights, ...rights } };
}

export function without(draft: Draft, ids: readonly string[]): Draft {
  return { ...draft, removed: [...new Set([...draft.removed, ...ids])] };
}

/** Words exchanged in the captions of those pictures; `find` counts whatever its case is. */
export function replaced(
  dataset: DatasetBody,
  draft: Draft,
  ids: readonly string[],
  find: string,
  replacement: string,
): { draft: Draft; count: number } {
  if (find === "") return { draft, count: 0 };
  const pattern = new RegExp(find.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  return mapped(dataset, draft, ids, (caption) => caption.replaceAll(pattern, () => replacement));
}

/** The trigger word at the end of each caption that has it nowhere. */
export function triggered(dataset: DatasetBody, draft: Draft, trigger: string): { draft: Draft; count: number } {
  const word = trigger.trim();
  if (word === "") return { draft, count: 0 };
  const has = (caption: string) => caption.toLowerCase().includes(word.toLowerCase());
  const ids = dataset.pictures.map((one) => one.picture);
  return mapped(dataset, draft, ids, (caption) => (caption === "" || has(caption) ? caption : `${caption}, ${word}`));
}

function mapped(dataset: DatasetBody, draft: Draft, ids: readonly string[], change: (caption: string) => string) {
  const meant = new Set(ids);
  let [now, count] = [draft, 0];
  for (const saved of dataset.pictures) {
    const { caption, caption_by, unsure } = drafted(saved, draft);
    const next = change(caption);
    if (!meant.has(saved.picture) || next === caption) continue;
    now = written(now, saved, next, caption_by, unsure);
    count += 1;
  }
  return { draft: now, count };
}

/** How many things are changed. */
export const changeCount = (draft: Draft): number =>
  Object.keys(draft.captions).length +
  Object.keys(draft.rights).length +
  draft.removed.length +
  [draft.name, draft.trigger, draft.assetType].filter((one) => one !== undefined).length;

/** What `PATCH /datasets/{id}` is sent: nothing of what is taken out or not there. */
export function changesOf(dataset: DatasetBody, draft: Draft, notes = ""): Partial<DatasetChanges> {
  const there = new Set(dataset.pictures.map((one) => one.picture));
  const removed = draft.removed.filter((id) => there.has(id));
  const stays = (id: string) => there.has(id) && !removed.includes(id);
  const rights = new Map<string, { right: Right; source: string; pictures: string[] }>();
  for (const [id, said] of Object.entries(draft.rights)) {
    if (!stays(id)) continue;
    const key = JSON.stringify([said.right, said.source]);
    const word = rights.get(key) ?? { ...said, pictures: [] };
    word.pictures.push(id);
    rights.set(key, word);
  }
  return {
    version: dataset.version,
    captions: Object.entries(draft.captions)
      .filter(([id]) => stays(id))
      .map(([picture, said]) => ({ picture, ...said, unsure: said.unsure ?? false })),
    rights: [...rights.values()],
    remove: removed,
    ...(draft.name !== undefined && { name: draft.name }),
    ...(draft.trigger !== undefined && { trigger: draft.trigger }),
    ...(draft.assetType !== undefined && { asset_type: draft.assetType }),
    ...(notes && { notes }),
  };
}
