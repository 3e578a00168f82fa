import type { DatasetSummary } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, Images, Plus } from "lucide-react";
import { datasetsQuery } from "@/api/datasets";
import { Badge } from "@/parts/Badge";
import { buttonLook } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { TrainingPage } from "../TrainingPage";

const said = texts.datasets;

/** All datasets of the studio. */
export function DatasetsScreen() {
  const datasets = useQuery(datasetsQuery);
  const mayMake = useHasRole("designer", "brand_engineer");
  const add = mayMake && (
    <Link to="/app/training/datasets/new" className={buttonLook({ look: "primary" })}>
      <Plus className="size-4" aria-hidden />
      {said.new}
    </Link>
  );
  return (
    <TrainingPage of="datasets" title={said.title} lead={said.lead} actions={add}>
      {datasets.isPending && (
        <Loading>
          {[1, 2, 3].map((row) => (
            <Skeleton key={row} className="h-17" />
          ))}
        </Loading>
      )}
      {datasets.error && !datasets.data && <Failed error={datasets.error} onRetry={() => datasets.refetch()} />}
      {datasets.data?.datasets.length === 0 && (
        <Empty icon={<Images aria-hidden />} title={said.empty.title} action={add}>
          {said.empty.lead}
        </Empty>
      )}
      {datasets.data && datasets.data.datasets.length > 0 && (
        <ul className="overflow-hidden rounded-2xl border border-line bg-sheet">
          {datasets.data.datasets.map((one) => (
            <Row key={one.id} dataset={one} />
          ))}
        </ul>
      )}
    </TrainingPage>
  );
}

function Row({ dataset }: { dataset: DatasetSummary }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/app/training/datasets/$datasetId"
        params={{ datasetId: dataset.id }}
        className="flex min-h-17 flex-wrap items-center gap-x-5 gap-y-2 px-5 py-3 -outline-offset-2 hover:bg-well"
      >
        <span className="grid min-w-40 flex-1">
          <span className="truncate font-semibold" dir="auto">
            {dataset.name}
          </span>
          <span className="truncate text-xs text-soft">
            <span className="font-mono">{dataset.id}</span> {dataset.version}
          </span>
        </span>
        <span className="grid text-[13px] text-soft">
          <span className="tabular-nums">{texts.common.pictures(dataset.pictures)}</span>
          <span className="text-xs">{said.captioned(dataset.captioned, dataset.pictures)}</span>
        </span>
        <span className="flex flex-wrap items-center gap-2">
          <Badge>{dataset.asset_type ?? said.noType}</Badge>
          {dataset.licences.includes("unknown") && (
            <Badge tone="warn" title={said.rightHint}>
              {said.page.filters.unknown}
            </Badge>
          )}
          <Moment at={dataset.created_at} className="text-xs text-soft" />
          <ChevronRight className="size-4 text-soft" aria-hidden />
        </span>
      </Link>
    </li>
  );
}
