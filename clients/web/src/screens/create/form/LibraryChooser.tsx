import type { FoundImage, ImagesPage } from "@openapi";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Images } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { api, told } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Input } from "@/parts/Field";
import { Picture } from "@/parts/Picture";
import { Segments } from "@/parts/Segments";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { type Source, sourceOf } from "../draft";
import { toLookAt } from "../results/files";

type Kind = "all" | "favourite" | "uploaded";
const PAGE = 24;

interface LibraryChooserProps {
  onClose: () => void;
  onChosen: (source: Source) => void;
}

/** A picture that the studio has: drawn before, or brought to it. */
export function LibraryChooser({ onClose, onChosen }: LibraryChooserProps) {
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<Kind>("all");
  const found = useImages(useDeferredValue(words.trim()), kind);
  const images = found.data?.pages.flatMap((page) => page.images) ?? [];
  const own = texts.create.library;
  return (
    <Dialog open onClose={onClose} title={own.title} shape="wide">
      <div className="grid min-h-[50vh] content-start gap-4">
        <div className="flex flex-wrap gap-2">
          <Input
            type="search"
            dir="auto"
            aria-label={own.search}
            placeholder={own.search}
            className="max-w-xs"
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <Segments
            label={own.title}
            value={kind}
            onChange={setKind}
            choices={(["all", "favourite", "uploaded"] as const).map((one) => ({ value: one, label: own.kinds[one] }))}
          />
        </div>
        {found.error && <Failed error={found.error} onRetry={() => found.refetch()} />}
        {found.isPending && <Places />}
        {found.isSuccess && images.length === 0 && <Empty icon={<Images aria-hidden />} title={own.empty} />}
        <ul className="grid grid-cols-3 gap-2 sm:grid-cols-4 md:grid-cols-6">
          {images.map((image) => (
            <li key={image.asset_id}>
              <Choice image={image} onChosen={onChosen} />
            </li>
          ))}
        </ul>
        {found.hasNextPage && (
          <Button className="justify-self-center" onClick={() => found.fetchNextPage()} disabled={found.isFetching}>
            {texts.common.more}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Choice({ image, onChosen }: { image: FoundImage; onChosen: (source: Source) => void }) {
  const title = image.prompt || texts.create.pictures.untitled;
  const url = toLookAt(image);
  return (
    <button
      type="button"
      aria-label={title}
      title={title}
      className="w-full rounded-lg hover:opacity-85"
      onClick={() => onChosen(sourceOf(image.asset_id, url ?? `pictures/${image.asset_id}`, title))}
    >
      <Picture url={url} alt="" width={1} height={1} cover />
    </button>
  );
}

function Places() {
  return (
    <Loading>
      <div className="grid grid-cols-3 gap-2 sm:grid-cols-4 md:grid-cols-6">
        {["a", "b", "c", "d", "e", "f"].map((place) => (
          <Skeleton key={place} className="aspect-square" />
        ))}
      </div>
    </Loading>
  );
}

const useImages = (words: string, kind: Kind) =>
  useInfiniteQuery({
    queryKey: ["images", "chooser", words, kind],
    queryFn: ({ pageParam }) =>
      told<ImagesPage>(
        api.GET("/images", {
          params: {
            query: {
              limit: PAGE,
              before: pageParam ?? undefined,
              ...(words ? { q: words } : {}),
              ...(kind === "favourite" ? { favourite: true } : {}),
              ...(kind === "uploaded" ? { kind } : {}),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
