import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Images, SearchX, SlidersHorizontal, Trash2 } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { facetsQuery, headQuery, imagesQuery } from "@/api/images";
import { useSpace } from "@/app/space";
import { Button, buttonLook } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Select } from "@/parts/Field";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useFavourites } from "@/pictures/favourites";
import { keepOrder } from "@/pictures/order";
import { useMe } from "@/session/me";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { Chips } from "./Chips";
import { Filters } from "./Filters";
import { Gallery } from "./Gallery";
import { SearchBox } from "./SearchBox";
import { SelectionBar } from "./SelectionBar";
import { narrowings, questionOf, type WorkSearch } from "./search";
import { allOf, extend, NOTHING, present, toggle } from "./selection";
import { shownOf } from "./shown";
import { useWords } from "./useWords";

/** Everything that was made and may be seen: found by words and by what it is, kept, put together, given out. */
export function WorkScreen() {
  const said = texts.work;
  const search = useSearch({ from: "/studio/app/work" });
  const navigate = useNavigate({ from: "/app/work" });
  const [words, setWords] = useWords();
  const me = useMe();
  const space = useSpace();
  const question = useMemo(
    () => questionOf(search, words, { me: me?.id ?? null, space }),
    [search, words, me?.id, space],
  );
  const list = useList(question, search);
  const facets = useQuery({ ...facetsQuery(question), enabled: !search.deleted });
  const [filtering, setFiltering] = useState(false);
  const change = (next: WorkSearch) => navigate({ search: next, state: (now) => now, replace: true });
  const clear = () => navigate({ search: { whose: search.whose, sort: search.sort }, state: { words: undefined } });
  const narrowed = narrowings(search).length > 0 || words !== "";
  const filters = <Filters search={search} question={question} onChange={change} />;
  return (
    <Page
      title={search.deleted ? said.deletedView : said.title}
      lead={
        search.deleted
          ? said.deletedLead
          : said.lead(facets.data?.pictures ?? null, facets.data?.is_whole ?? true) || " "
      }
      wide
      actions={
        <Link
          to="/app/work"
          search={search.deleted ? {} : { deleted: true }}
          className={buttonLook({ look: "quiet", size: "small" })}
        >
          {search.deleted ? (
            said.backToWork
          ) : (
            <>
              <Trash2 className="size-4" aria-hidden />
              {said.deletedView}
            </>
          )}
        </Link>
      }
    >
      <div className="lg:grid lg:grid-cols-[minmax(0,1fr)_15rem] lg:gap-8">
        <div className="min-w-0">
          <div className="mb-4 flex flex-wrap gap-2">
            <SearchBox words={words} onChange={setWords} />
            <Select
              aria-label={said.sort}
              className="w-auto"
              value={search.sort ?? "newest"}
              onChange={(event) =>
                change({ ...search, sort: event.currentTarget.value === "oldest" ? "oldest" : undefined })
              }
            >
              <option value="newest">{said.sorts.newest}</option>
              <option value="oldest">{said.sorts.oldest}</option>
            </Select>
            {!search.deleted && (
              <Button className="lg:hidden" onClick={() => setFiltering(true)}>
                <SlidersHorizontal className="size-4" aria-hidden />
                {said.filters}
              </Button>
            )}
          </div>
          <Chips search={search} onChange={change} onClear={clear} />
          <Found
            list={list}
            search={search}
            narrowed={narrowed}
            onClear={clear}
            onAll={() => change({ whose: "all" })}
          />
        </div>
        {!search.deleted && (
          <aside aria-label={said.filters} className="hidden lg:block">
            <div className="sticky top-6 max-h-[calc(100dvh-3rem)] overflow-y-auto pr-2 pb-6">{filters}</div>
          </aside>
        )}
      </div>
      <Dialog open={filtering} onClose={() => setFiltering(false)} title={said.filters} shape="side">
        {filters}
      </Dialog>
    </Page>
  );
}

/** The pages of a question, with what was finished since before them. */
function useList(question: ReturnType<typeof questionOf>, search: WorkSearch) {
  const asked = useDeferredValue(question);
  const pages = useInfiniteQuery(imagesQuery(asked));
  const newest = !search.sort && !search.deleted;
  const head = useQuery({ ...headQuery(asked), enabled: newest });
  const images = useMemo(() => shownOf(pages.data?.pages ?? [], head.data, newest), [pages.data, head.data, newest]);
  useEffect(() => keepOrder(images.map((one) => one.asset_id)), [images]);
  return { pages, images };
}

interface FoundProps {
  list: ReturnType<typeof useList>;
  search: WorkSearch;
  narrowed: boolean;
  onClear: () => void;
  onAll: () => void;
}

function Found({ list: { pages, images }, search, narrowed, onClear, onAll }: FoundProps) {
  const said = texts.work;
  const order = useMemo(() => images.map((one) => one.asset_id), [images]);
  const [selection, setSelection] = useState(NOTHING);
  const [current, setCurrent] = useState(0);
  const favour = useFavourites();
  const chosen = useMemo(() => {
    if (selection.ids.size === 0) return [];
    const meant = new Set(present(selection, order));
    return images.filter((one) => meant.has(one.asset_id));
  }, [selection, order, images]);
  const choose = useCallback(
    (place: number, range: boolean) => {
      const id = order[place];
      if (id) setSelection((now) => (range ? extend(now, id, order) : toggle(now, id)));
    },
    [order],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const readOn = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const at = images[current];
  useShortcut("x", said.keys.select, () => choose(current, false), { off: !at });
  useShortcut("a", said.keys.all, () => setSelection(allOf(selection, order)), { off: !at });
  useShortcut(
    ".",
    said.keys.star,
    () => {
      const meant = chosen.length > 0 ? chosen : at ? [at] : [];
      favour(
        meant.map((one) => one.asset_id),
        !meant.every((one) => one.favourite),
      );
    },
    { off: !at || search.deleted === true },
  );
  if (pages.isPending) return <Waiting />;
  if (pages.error && images.length === 0) return <Failed error={pages.error} onRetry={() => pages.refetch()} />;
  if (images.length === 0) return <Nothing search={search} narrowed={narrowed} onClear={onClear} onAll={onAll} />;
  return (
    <>
      <Gallery
        images={images}
        selection={selection}
        onChoose={choose}
        current={Math.min(current, images.length - 1)}
        onCurrent={setCurrent}
        onEnd={readOn}
      />
      {isFetchingNextPage && (
        <p role="status" className="py-4 text-center text-[13px] text-soft">
          {said.loadingMore}
        </p>
      )}
      {pages.error && <Failed error={pages.error} onRetry={() => fetchNextPage()} />}
      {chosen.length > 0 && (
        <SelectionBar
          images={chosen}
          deleted={search.deleted ?? false}
          onAll={() => setSelection(allOf(NOTHING, order))}
          onClear={() => setSelection(NOTHING)}
        />
      )}
    </>
  );
}

const PLACES = Array.from({ length: 24 }, (_, place) => place);

function Waiting() {
  return (
    <Loading>
      <div className="grid grid-cols-3 gap-1.5 sm:grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] sm:gap-3">
        {PLACES.map((place) => (
          <Skeleton key={place} className="aspect-square" />
        ))}
      </div>
    </Loading>
  );
}

function Nothing({ search, narrowed, onClear, onAll }: Omit<FoundProps, "list">) {
  const said = texts.work;
  if (search.deleted)
    return (
      <Empty icon={<Trash2 aria-hidden />} title={said.noneDeleted.title}>
        {said.noneDeleted.lead}
      </Empty>
    );
  if (narrowed)
    return (
      <Empty
        icon={<SearchX aria-hidden />}
        title={said.none.title}
        action={<Button onClick={onClear}>{said.none.action}</Button>}
      >
        {said.none.lead}
      </Empty>
    );
  return (
    <Empty
      icon={<Images aria-hidden />}
      title={said.empty.title}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Link to="/" className={buttonLook({ look: "primary" })}>
            {said.empty.action}
          </Link>
          {search.whose !== "all" && <Button onClick={onAll}>{said.empty.others}</Button>}
        </div>
      }
    >
      {said.empty.lead}
    </Empty>
  );
}
