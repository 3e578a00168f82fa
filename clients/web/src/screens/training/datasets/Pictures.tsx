import type { DatasetBody, DatasetPictureBody } from "@openapi";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { type Progress, preflightQuery, suggestCaptions } from "@/api/datasets";
import { Button } from "@/parts/Button";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { type DatasetSearch, SHOWN } from "../search";
import { ReplaceDialog, RightDialog } from "./Dialogs";
import { accepted, changeCount, draftedPictures, isOpen, replaced, righted, without, written } from "./draft";
import { Findings } from "./Findings";
import { Grid } from "./Grid";
import { SaveBar } from "./SaveBar";
import { SelectionBar } from "./SelectionBar";
import type { Drafting } from "./useDraft";
import { findingsByPicture, shownPictures } from "./view";

const said = texts.datasets.page;

interface PicturesProps {
  dataset: DatasetBody;
  drafting: Drafting;
  fixed: boolean;
  search: DatasetSearch;
  onLook: (search: DatasetSearch) => void;
}

/** Pictures beside what was found of them; what is changed waits at the foot until it is saved. */
export function Pictures({ dataset, drafting, fixed, search, onLook }: PicturesProps) {
  const { draft, changeMuch } = drafting;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<"right" | "replace" | null>(null);
  const [rightOf, setRightOf] = useState<string | null>(null);
  const preflight = useQuery(preflightQuery(dataset.id, dataset.version)).data;
  const found = useMemo(() => findingsByPicture(preflight?.findings ?? []), [preflight]);
  const pictures = useMemo(() => draftedPictures(dataset, draft), [dataset, draft]);
  const finding = search.finding === undefined ? undefined : preflight?.findings[search.finding];
  const show = search.show ?? "all";
  const shown = useMemo(() => shownPictures(pictures, show, finding, found), [pictures, show, finding, found]);
  const changed = useMemo(() => new Set([...Object.keys(draft.captions), ...Object.keys(draft.rights)]), [draft]);
  const ids = useMemo(
    () => pictures.flatMap((one) => (selected.has(one.picture) ? [one.picture] : [])),
    [pictures, selected],
  );
  const suggesting = useSuggesting(dataset, drafting);
  const act = useTileActions(dataset, drafting, setSelected, setRightOf);
  const clear = () => setSelected(new Set());
  const remove = () => {
    changeMuch(without(draft, ids), said.removed(ids.length));
    clear();
  };
  const accept = () => {
    const next = accepted(dataset, draft, ids);
    changeMuch(next.draft, said.accepted(next.count));
  };
  const start = pictures.find((one) => one.picture === (rightOf ?? ids[0]));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="lg:sticky lg:top-6 lg:order-2 lg:max-h-[calc(100dvh-3rem)] lg:overflow-y-auto">
        <Findings
          dataset={dataset}
          stale={changeCount(draft) > 0}
          shown={search.finding}
          onShow={(place) => onLook({ finding: place, show: undefined })}
        />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
        <div className="flex flex-wrap items-center justify-between gap-x-5 gap-y-2">
          {finding ? (
            <p role="status" className="flex flex-wrap items-center gap-3 text-[13px]">
              {texts.datasets.findings.shown(shown.length)}
              <Button size="small" onClick={() => onLook({ finding: undefined })}>
                {texts.datasets.findings.back}
              </Button>
            </p>
          ) : (
            <Segments
              label={said.filter}
              value={show}
              onChange={(now) => onLook({ show: now === "all" ? undefined : now })}
              choices={SHOWN.map((value) => ({ value, label: said.filters[value] }))}
            />
          )}
          {!fixed && <p className="text-xs text-soft max-md:hidden">{said.keys}</p>}
        </div>
        <Grid pictures={shown} changed={changed} selected={selected} findings={found} fixed={fixed} {...act} />
        {suggesting.isPending && suggesting.progress && (
          <p role="status" className="text-[13px] text-soft">
            {said.suggesting(suggesting.progress.done, suggesting.progress.all)}
          </p>
        )}
        <Refusal error={suggesting.error} />
        {!fixed && (
          <div className="sticky bottom-18 z-20 grid gap-2 md:bottom-4">
            {ids.length > 0 && (
              <SelectionBar
                count={ids.length}
                busy={suggesting.isPending}
                onAll={() => setSelected(new Set(shown.map((one) => one.picture)))}
                onClear={clear}
                onRight={() => setDialog("right")}
                onReplace={() => setDialog("replace")}
                onSuggest={() => suggesting.mutate(openOf(pictures, ids))}
                onAccept={accept}
                onRemove={remove}
              />
            )}
            {changeCount(draft) > 0 && (
              <SaveBar
                dataset={dataset}
                drafting={drafting}
                onSaved={() => onLook({ version: undefined, finding: undefined })}
              />
            )}
          </div>
        )}
      </div>
      {(dialog === "right" || rightOf !== null) && start && (
        <RightDialog
          start={{ right: start.right, source: start.source }}
          onClose={() => {
            setDialog(null);
            setRightOf(null);
          }}
          onApply={(right, source) => drafting.change((now) => righted(now, rightOf ? [rightOf] : ids, right, source))}
        />
      )}
      {dialog === "replace" && (
        <ReplaceDialog
          onClose={() => setDialog(null)}
          count={(find, replacement) => replaced(dataset, draft, ids, find, replacement).count}
          onApply={(find, replacement) => {
            const next = replaced(dataset, draft, ids, find, replacement);
            changeMuch(next.draft, said.replaced(next.count));
          }}
        />
      )}
    </div>
  );
}

/** What a tile does; the same functions for as long as the screen is there, so that no tile is drawn in vain. */
function useTileActions(
  dataset: DatasetBody,
  drafting: Drafting,
  setSelected: (how: (now: ReadonlySet<string>) => ReadonlySet<string>) => void,
  onRight: (picture: string) => void,
) {
  const latest = useRef({ dataset, drafting });
  latest.current = { dataset, drafting };
  const onCaption = useCallback((id: string, caption: string, read: boolean) => {
    const saved = latest.current.dataset.pictures.find((one) => one.picture === id);
    const isSame = saved?.caption === caption;
    if (saved)
      latest.current.drafting.change((now) =>
        written(now, saved, caption, isSame && !read ? saved.caption_by : "human"),
      );
  }, []);
  const onSelect = useCallback(
    (id: string, selected: boolean) =>
      setSelected((now) => {
        const next = new Set(now);
        if (selected) next.add(id);
        else next.delete(id);
        return next;
      }),
    [setSelected],
  );
  return { onCaption, onSelect, onRight };
}

/** Those of `ids` whose caption no person wrote. */
const openOf = (pictures: readonly DatasetPictureBody[], ids: readonly string[]) => {
  const meant = new Set(ids);
  return pictures.filter((one) => meant.has(one.picture) && isOpen(one)).map((one) => one.picture);
};

/** Captions that a writer suggests go into the draft, marked as its own until somebody reads them. */
function useSuggesting(dataset: DatasetBody, { draft, changeMuch }: Drafting) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const suggesting = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      setProgress({ done: 0, all: ids.length });
      return ids.length === 0 ? [] : suggestCaptions(dataset.id, dataset.version, ids, setProgress);
    },
    onSuccess: (captions) => {
      if (captions.length === 0) return toast(said.noneSuggested);
      const saved = new Map(dataset.pictures.map((one) => [one.picture, one]));
      let now = draft;
      for (const one of captions) {
        const picture = saved.get(one.picture);
        if (picture) now = written(now, picture, one.caption, one.by, one.unsure);
      }
      changeMuch(now, said.suggested(captions.length, captions.filter((one) => one.unsure).length));
    },
  });
  return { ...suggesting, progress };
}
