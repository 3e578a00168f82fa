import type { CollectionBody } from "@openapi";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { FolderHeart, FolderPlus } from "lucide-react";
import { useState } from "react";
import { collectionsQuery, createCollection } from "@/api/collections";
import { headQuery } from "@/api/images";
import { Button } from "@/parts/Button";
import { dayOf } from "@/parts/dates";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";
import { NameDialog } from "./NameDialog";

const GRID = "grid gap-x-5 gap-y-7 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4";

/** All collections that somebody may see, each with its first pictures. */
export function CollectionsScreen() {
  const said = texts.collections;
  const client = useQueryClient();
  const navigate = useNavigate();
  const collections = useInfiniteQuery(collectionsQuery);
  const [beginning, setBeginning] = useState(false);
  const listed = collections.data?.pages.flatMap((page) => page.collections) ?? [];
  const begin = (
    <Button look="primary" onClick={() => setBeginning(true)}>
      <FolderPlus className="size-4" aria-hidden />
      {said.new}
    </Button>
  );
  const create = async (name: string, notes: string) => {
    const made = await createCollection(name, notes);
    client.invalidateQueries({ queryKey: ["collections"] });
    toast(said.created(made.name));
    navigate({ to: "/app/collections/$collectionId", params: { collectionId: made.id } });
  };
  return (
    <Page title={said.title} lead={said.lead} wide actions={listed.length > 0 && begin}>
      {collections.isPending && <Waiting />}
      {collections.error && listed.length === 0 && (
        <Failed error={collections.error} onRetry={() => collections.refetch()} />
      )}
      {collections.isSuccess && listed.length === 0 && (
        <Empty icon={<FolderHeart aria-hidden />} title={said.empty.title} action={begin}>
          {said.empty.lead}
        </Empty>
      )}
      <ul className={GRID}>
        {listed.map((one) => (
          <Card key={one.id} collection={one} />
        ))}
      </ul>
      {collections.hasNextPage && (
        <Button
          className="mx-auto mt-8 flex"
          disabled={collections.isFetchingNextPage}
          onClick={() => collections.fetchNextPage()}
        >
          {texts.common.more}
        </Button>
      )}
      {beginning && (
        <NameDialog title={said.newTitle} action={said.create} onSave={create} onClose={() => setBeginning(false)} />
      )}
    </Page>
  );
}

function Card({ collection }: { collection: CollectionBody }) {
  return (
    <li>
      <Link
        to="/app/collections/$collectionId"
        params={{ collectionId: collection.id }}
        className="group grid gap-2.5 rounded-xl"
      >
        <Cover collection={collection} />
        <span className="min-w-0">
          <span className="block truncate font-semibold group-hover:underline" dir="auto">
            {collection.name}
          </span>
          <span className="block text-xs text-soft">
            {texts.common.pictures(collection.pictures)} · {texts.collections.changed} {dayOf(collection.changed_at)}
          </span>
        </span>
      </Link>
    </li>
  );
}

const PLACES = [0, 1, 2, 3];

/** Four of its pictures. */
function Cover({ collection }: { collection: CollectionBody }) {
  const { data } = useQuery({
    ...headQuery({ collection: collection.id }),
    enabled: collection.pictures > 0,
    staleTime: 60_000,
  });
  return (
    <span className="grid aspect-[4/3] grid-cols-2 grid-rows-2 gap-0.5 overflow-hidden rounded-xl border border-line bg-well">
      {PLACES.map((place) => {
        const image = data?.images[place];
        return image ? (
          <Thumbnail key={place} assetId={image.asset_id} url={image.url} alt="" side={160} cover />
        ) : (
          <span key={place} />
        );
      })}
    </span>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className={GRID}>
        {PLACES.map((place) => (
          <Skeleton key={place} className="aspect-[4/3]" />
        ))}
      </div>
    </Loading>
  );
}
