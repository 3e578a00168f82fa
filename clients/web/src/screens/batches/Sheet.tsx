import type { BatchDetail } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchBlob } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { download } from "@/parts/download";
import { Failed, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

const said = texts.batch.detail;
const A_PAGE = 100;

interface SheetProps {
  batch: BatchDetail;
  url: (page: number) => string;
  onClose: () => void;
}

/** The pictures side by side, a hundred a page. */
export function Sheet({ batch, url, onClose }: SheetProps) {
  const [page, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(batch.pictures / A_PAGE));
  const name = batch.name || texts.batch.untitled;
  const sheet = useQuery({
    queryKey: ["batches", "sheet", batch.batch_id, page, batch.pictures],
    queryFn: async ({ signal }) => URL.createObjectURL(await fetchBlob(url(page), signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog
      open
      shape="wide"
      title={said.sheet}
      onClose={onClose}
      foot={
        <>
          {pages > 1 &&
            Array.from({ length: pages }, (_, index) => index + 1).map((number) => (
              <Button
                key={number}
                size="small"
                look={number === page ? "primary" : "plain"}
                aria-label={said.page(number)}
                onClick={() => setPage(number)}
              >
                {number}
              </Button>
            ))}
          <Button size="small" onClick={() => download(url(page), `${name}-${page}.png`)}>
            {texts.common.save}
          </Button>
        </>
      }
    >
      {sheet.data ? (
        <img src={sheet.data} alt={said.sheetAlt(name)} className="mx-auto max-w-full rounded-lg" />
      ) : sheet.error ? (
        <Failed error={sheet.error} onRetry={sheet.refetch} />
      ) : (
        <Skeleton className="h-[60vh]" />
      )}
    </Dialog>
  );
}
