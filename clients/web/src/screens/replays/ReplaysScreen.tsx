import type { FoundImage, ReplayLine } from "@openapi";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, Repeat2 } from "lucide-react";
import { newKey } from "@/api/drawing";
import { imageQuery } from "@/api/images";
import { replayPicture, replaysQuery } from "@/api/replays";
import { Badge } from "@/parts/Badge";
import { Button, buttonLook } from "@/parts/Button";
import { minuteOf } from "@/parts/dates";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { DrawnAgain } from "./DrawnAgain";
import { Outcome } from "./ReceiptView";

const route = getRouteApi("/studio/app/images/$assetId/replays");
const said = texts.replays;

/** A picture, drawn again from its recipe, and whether it came out the same. */
export function ReplaysScreen() {
  const { assetId } = route.useParams();
  const image = useQuery(imageQuery(assetId));
  const replays = useQuery(replaysQuery(assetId));
  const failed = image.error ?? replays.error;
  return (
    <Page
      title={said.title}
      lead={said.lead}
      actions={
        <>
          <Link to="/app/images/$assetId" params={{ assetId }} className={buttonLook({ look: "quiet" })}>
            <ArrowLeft className="size-4" aria-hidden />
            {said.back}
          </Link>
          {image.data?.kind === "drawn" && <Draw assetId={assetId} />}
        </>
      }
    >
      {(image.isPending || replays.isPending) && !failed && (
        <Loading>
          <Skeleton className="h-80" />
        </Loading>
      )}
      {failed && <Failed error={failed} onRetry={() => (image.error ? image : replays).refetch()} />}
      {image.data && replays.data && <Replays image={image.data} lines={replays.data.replays} />}
    </Page>
  );
}

function Draw({ assetId }: { assetId: string }) {
  const navigate = useNavigate();
  const may = useHasRole("designer", "service");
  const drawing = useMutation({
    mutationFn: () => replayPicture(assetId, newKey()),
    onSuccess: ({ job_id }) =>
      navigate({ to: "/app/images/$assetId/replays", params: { assetId }, search: { job: job_id }, replace: true }),
  });
  if (!may) return null;
  return (
    <>
      <Button look="primary" disabled={drawing.isPending} onClick={() => drawing.mutate()}>
        <Repeat2 className="size-4" aria-hidden />
        {said.draw}
      </Button>
      <Refusal error={drawing.error} className="w-full" />
    </>
  );
}

function Replays({ image, lines }: { image: FoundImage; lines: readonly ReplayLine[] }) {
  const { job } = route.useSearch();
  const shown = job ?? lines[0]?.job_id;
  if (!shown)
    return (
      <Empty icon={<Repeat2 aria-hidden />} title={said.none}>
        {image.kind === "drawn" ? said.noneLead : said.uploaded}
      </Empty>
    );
  return (
    <div className="grid gap-10">
      <DrawnAgain key={shown} image={image} jobId={shown} />
      {lines.length > 1 && (
        <section className="grid gap-2">
          <h2 className="text-base font-semibold">{said.earlier}</h2>
          <ul className="divide-y divide-line">
            {lines.map((line) => (
              <Line key={line.job_id} of={line} assetId={image.asset_id} current={line.job_id === shown} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Line({ of, assetId, current }: { of: ReplayLine; assetId: string; current: boolean }) {
  const moment = minuteOf(of.created_at);
  return (
    <li>
      <Link
        to="/app/images/$assetId/replays"
        params={{ assetId }}
        search={{ job: of.job_id }}
        replace
        resetScroll={false}
        aria-current={current ? "true" : undefined}
        activeProps={{}}
        aria-label={said.show(moment)}
        className="flex min-h-11 flex-wrap items-center gap-3 rounded-lg px-2 py-1.5 text-[13px] hover:bg-well aria-[current=true]:bg-wash"
      >
        <time dateTime={of.created_at} className="tabular-nums">
          {moment}
        </time>
        {of.receipt ? <Outcome of={of.receipt} /> : <Badge>{texts.jobs.status[of.status]}</Badge>}
        {of.receipt?.pixels && <span className="text-soft">{said.psnr(of.receipt.pixels.psnr)}</span>}
      </Link>
    </li>
  );
}
