import type { BatchDetail } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Download, LayoutGrid } from "lucide-react";
import { useState } from "react";
import { batchQuery, cancelBatch, sheetUrl, zipUrl } from "@/api/batches";
import { Button } from "@/parts/Button";
import { download } from "@/parts/download";
import { Page } from "@/parts/Page";
import { Failed, Loading, Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { BatchPictures } from "./BatchPictures";
import { BatchState } from "./BatchRow";
import { Sheet } from "./Sheet";

const said = texts.batch.detail;

/** One batch: how far it is, its pictures, what failed, and all of it to take away. */
export function BatchScreen() {
  const { batchId } = useParams({ from: "/studio/app/batches/$batchId" });
  const { data, error, refetch } = useQuery(batchQuery(batchId));
  const title = data?.name || texts.batch.untitled;
  return (
    <Page title={title} wide actions={data && <Actions batch={data} />}>
      {data ? <Whole batch={data} /> : error ? <Failed error={error} onRetry={refetch} /> : <Loading />}
    </Page>
  );
}

const isRunning = (batch: BatchDetail) => batch.status === "queued" || batch.status === "processing";

function Whole({ batch }: { batch: BatchDetail }) {
  return (
    <div className="grid gap-8">
      <BatchState batch={batch} />
      <Rows title={said.failures} rows={batch.failures ?? []} />
      <Rows title={said.skipped} rows={batch.skipped ?? []} />
      <BatchPictures batchId={batch.batch_id} running={isRunning(batch)} />
    </div>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly { line: number; message: string }[] }) {
  if (rows.length === 0) return null;
  return (
    <section className="grid max-w-3xl gap-2">
      <h2 className="font-semibold">{title}</h2>
      <ul className="grid max-h-60 gap-1 overflow-y-auto text-[13px]">
        {rows.map((row) => (
          <li key={`${row.line}-${row.message}`} className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3">
            <span className="tabular-nums">{texts.batch.compose.line(row.line)}</span>
            <span className="text-soft">{row.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Actions({ batch }: { batch: BatchDetail }) {
  const client = useQueryClient();
  const [sheet, setSheet] = useState(false);
  const running = isRunning(batch);
  const any = (batch.counts.complete ?? 0) > 0;
  const zip = useMutation({
    mutationFn: () => download(zipUrl(batch.batch_id, running), `${batch.name || "batch"}.zip`),
  });
  const cancel = useMutation({
    mutationFn: () => cancelBatch(batch.batch_id),
    onSuccess: (now) => {
      client.setQueryData(batchQuery(batch.batch_id).queryKey, now);
      toast(said.canceled);
    },
  });
  return (
    <>
      <Button onClick={() => setSheet(true)} disabled={!any}>
        <LayoutGrid className="size-4" aria-hidden />
        {said.sheet}
      </Button>
      <Button onClick={() => zip.mutate()} disabled={zip.isPending || !any}>
        <Download className="size-4" aria-hidden />
        {running ? said.zipPartial : said.zip}
      </Button>
      {running && (
        <Button look="danger" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
          {said.cancel}
        </Button>
      )}
      <Refusal error={zip.error ?? cancel.error} className="w-full" />
      {sheet && <Sheet batch={batch} url={(page) => sheetUrl(batch.batch_id, page)} onClose={() => setSheet(false)} />}
    </>
  );
}
