import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { batchesQuery } from "@/api/batches";
import { Button, buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { BatchRow } from "./BatchRow";

const NEW = (
  <Link to="/app/batches/new" className={buttonLook({ look: "primary" })}>
    {texts.batch.new}
  </Link>
);

/** The person's batches, newest first. */
export function BatchesScreen() {
  return (
    <Page title={texts.batch.title} lead={texts.batch.lead} actions={NEW}>
      <List />
    </Page>
  );
}

function List() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(batchesQuery);
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  if (!data) {
    return (
      <Loading>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} className="h-18" />
        ))}
      </Loading>
    );
  }
  const batches = data.pages.flatMap((page) => page.batches);
  if (batches.length === 0) {
    return (
      <Empty icon={<Layers aria-hidden />} title={texts.batch.empty.title} action={NEW}>
        {texts.batch.empty.lead}
      </Empty>
    );
  }
  return (
    <>
      <ul className="grid gap-2">
        {batches.map((batch) => (
          <BatchRow key={batch.batch_id} batch={batch} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-4" onClick={() => fetchNextPage()} disabled={isFetchingNextPage}>
          {texts.common.more}
        </Button>
      )}
    </>
  );
}
