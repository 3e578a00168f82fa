import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lineageQuery, thumbnailUrl } from "@/api/images";
import { jobQuery } from "@/api/jobs";
import { classes } from "@/parts/classes";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { ancestorsOf, descendantsOf, type Step } from "./ancestry";
import { Thumbnail } from "./Thumbnail";

interface LineageProps {
  assetId: string;
  url: string;
}

const DEEPEST = 6;

/** What a picture comes from and what came of it, as a small tree. */
export function Lineage({ assetId, url }: LineageProps) {
  const said = texts.pictures.lineage;
  const lineage = useQuery(lineageQuery(assetId));
  if (lineage.isPending)
    return (
      <Loading>
        <Skeleton className="h-12" />
      </Loading>
    );
  if (lineage.error) return <Failed error={lineage.error} onRetry={() => lineage.refetch()} />;
  const before = ancestorsOf(lineage.data);
  const level = Math.max(0, ...before.map((step) => step.level + 1));
  const after = descendantsOf(lineage.data, level + 1);
  if (before.length + after.length === 0) return <p className="text-[13px] text-soft">{said.alone}</p>;
  return (
    <>
      <ol className="grid gap-1">
        {before.map((step) => (
          <Row key={step.key} step={step} />
        ))}
        <li style={indent(level)} className="flex min-h-12 items-center gap-3 rounded-lg bg-wash p-1.5 pr-3">
          <Thumbnail assetId={assetId} url={url} alt="" side={40} className="size-10 shrink-0 rounded-md" cover />
          <span className="text-[13px] font-semibold text-accent">{said.self}</span>
        </li>
        {after.map((step) => (
          <Row key={step.key} step={step} />
        ))}
      </ol>
      {!lineage.data.is_whole && <p className="mt-2 text-xs text-soft">{said.more}</p>}
    </>
  );
}

const indent = (level: number) => ({ marginInlineStart: `${Math.min(level, DEEPEST) * 0.875}rem` });

function Row({ step }: { step: Step }) {
  const said = texts.pictures.lineage;
  const what = step.deleted ? said.gone : (said.calls[step.call] ?? step.call);
  const content = (
    <>
      {step.jobId && !step.deleted ? <OfJob jobId={step.jobId} index={step.index} /> : <Place />}
      <span className="min-w-0">
        <span className="block text-[13px]">{what}</span>
        <span className="block truncate text-xs text-soft" dir="auto">
          {step.prompt || (step.jobId ? "" : said.upload)}
        </span>
      </span>
    </>
  );
  const look = "flex min-h-12 items-center gap-3 rounded-lg p-1.5 pr-3";
  return (
    <li style={indent(step.level)}>
      {step.jobId && !step.deleted ? (
        <Link to="/app/jobs/$jobId" params={{ jobId: step.jobId }} className={classes(look, "hover:bg-well")}>
          {content}
        </Link>
      ) : (
        <span className={look}>{content}</span>
      )}
    </li>
  );
}

const Place = () => <span className="size-10 shrink-0 rounded-md bg-well" aria-hidden />;

/** One picture of a job: the one that is meant, or its first. */
function OfJob({ jobId, index }: { jobId: string; index: number | null }) {
  const { data: job } = useQuery(jobQuery(jobId));
  const image = job?.images.find((one) => index === null || one.index === index);
  if (!image?.asset_id) return <Place />;
  return (
    <Thumbnail
      assetId={image.asset_id}
      url={image.url || thumbnailUrl(image.asset_id, 128)}
      alt=""
      side={40}
      className="size-10 shrink-0 rounded-md"
      cover
    />
  );
}
