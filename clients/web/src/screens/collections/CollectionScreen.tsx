import type { CollectionWhole } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, FolderHeart } from "lucide-react";
import { useEffect } from "react";
import { collectionQuery } from "@/api/collections";
import { buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { keepOrder } from "@/pictures/order";
import { texts } from "@/texts";
import { CollectionActions } from "./CollectionActions";
import { useChanges } from "./changes";
import { Item } from "./Item";
import { moveTo } from "./order";

const GRID = "grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4 2xl:grid-cols-5";
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7];

/** One collection: its pictures in order, what is said of each, and how it is given out. */
export function CollectionScreen() {
  const said = texts.collections;
  const { collectionId } = useParams({ from: "/studio/app/collections/$collectionId" });
  const collection = useQuery(collectionQuery(collectionId));
  const whole = collection.data;
  return (
    <Page
      title={whole?.name ?? said.title}
      lead={
        whole ? (
          <span className="whitespace-pre-wrap" dir="auto">
            {whole.notes || texts.common.pictures(whole.pictures)}
          </span>
        ) : undefined
      }
      wide
      actions={whole && <CollectionActions collection={whole} />}
    >
      <Link to="/app/collections" className={buttonLook({ look: "quiet", size: "small", className: "mb-3 -ml-2.5" })}>
        <ArrowLeft className="size-4" aria-hidden />
        {said.back}
      </Link>
      {collection.isPending && (
        <Loading>
          <div className={GRID}>
            {PLACES.map((place) => (
              <Skeleton key={place} className="aspect-square" />
            ))}
          </div>
        </Loading>
      )}
      {collection.error && !whole && <Failed error={collection.error} onRetry={() => collection.refetch()} />}
      {whole && <Items collection={whole} />}
    </Page>
  );
}

function Items({ collection }: { collection: CollectionWhole }) {
  const said = texts.collections;
  const { move, take, note } = useChanges(collection.id);
  const client = useQueryClient();
  const { items } = collection;
  useEffect(() => {
    keepOrder(items.map((one) => one.image.asset_id));
    for (const { image } of items) client.setQueryData(["image", image.asset_id], (known) => known ?? image);
  }, [items, client]);
  if (items.length === 0)
    return (
      <Empty
        icon={<FolderHeart aria-hidden />}
        title={said.emptyItems.title}
        action={
          <Link to="/app/work" className={buttonLook({ look: "primary" })}>
            {said.emptyItems.action}
          </Link>
        }
      >
        {said.emptyItems.lead}
      </Empty>
    );
  const moveItem = (asset: string, place: number) => {
    const to = moveTo(
      items.map((one) => one.image.asset_id),
      asset,
      place,
    );
    if (to) move({ asset, to });
  };
  return (
    <ol aria-label={said.items} className={GRID}>
      {items.map((item, place) => (
        <Item
          key={item.image.asset_id}
          item={item}
          place={place}
          of={items.length}
          onMove={moveItem}
          onTake={take}
          onNote={(asset, text) => note({ asset, text })}
        />
      ))}
    </ol>
  );
}
