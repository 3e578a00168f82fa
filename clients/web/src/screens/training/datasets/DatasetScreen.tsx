import type { DatasetBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { GraduationCap, Pencil } from "lucide-react";
import { useState } from "react";
import { datasetQuery, datasetVersionsQuery } from "@/api/datasets";
import { Badge } from "@/parts/Badge";
import { Button, buttonLook } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Select } from "@/parts/Field";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import type { DatasetSearch } from "../search";
import { TrainingPage } from "../TrainingPage";
import { AddPictures } from "./AddPictures";
import { AboutDialog } from "./Dialogs";
import { changeCount, NOTHING, triggered } from "./draft";
import { Pictures } from "./Pictures";
import { type Drafting, useDraft } from "./useDraft";

const said = texts.datasets.page;

/** One dataset: its pictures with captions and rights, what was found, and its versions. */
export function DatasetScreen() {
  const { datasetId } = useParams({ from: "/studio/app/training/datasets/$datasetId" });
  return <Whole key={datasetId} id={datasetId} />;
}

function Whole({ id }: { id: string }) {
  const search = useSearch({ from: "/studio/app/training/datasets/$datasetId" });
  const navigate = useNavigate({ from: "/app/training/datasets/$datasetId" });
  const look = (now: DatasetSearch) => navigate({ search: (before) => ({ ...before, ...now }), replace: true });
  const versions = useQuery(datasetVersionsQuery(id));
  const newest = versions.data?.versions[0]?.version;
  const shown = search.version ?? newest;
  const dataset = useQuery({ ...datasetQuery(id, shown), enabled: shown !== undefined });
  const kept = useDraft(id);
  const error = versions.error ?? dataset.error;
  const mayChange = useHasRole("designer", "brand_engineer");
  const fixed = !mayChange || dataset.data?.version !== newest;
  // Changes are of the newest version: an older one is shown as it is.
  const drafting = fixed ? { ...kept, draft: NOTHING } : kept;
  const retry = () => {
    versions.refetch();
    dataset.refetch();
  };
  return (
    <TrainingPage
      of="datasets"
      title={drafting.draft.name ?? dataset.data?.name ?? id}
      wide
      lead={dataset.data && <Lead dataset={dataset.data} />}
      actions={
        dataset.data && (
          <>
            {!fixed && <AddPictures dataset={dataset.data} />}
            {mayChange && (
              <Link
                to="/app/training/new"
                search={{ dataset: `${id}@${dataset.data.version}` }}
                className={buttonLook({ look: "primary" })}
              >
                <GraduationCap className="size-4" aria-hidden />
                {said.train}
              </Link>
            )}
          </>
        )
      }
    >
      {error && !dataset.data && <Failed error={error} onRetry={retry} />}
      {!error && !dataset.data && <Places />}
      {dataset.data && newest && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <Facts
            dataset={dataset.data}
            drafting={drafting}
            fixed={fixed}
            versions={versions.data?.versions.map((one) => one.version) ?? []}
            onVersion={(version) => look({ version: version === newest ? undefined : version, finding: undefined })}
          />
          <Pictures dataset={dataset.data} drafting={drafting} fixed={fixed} search={search} onLook={look} />
        </div>
      )}
    </TrainingPage>
  );
}

function Lead({ dataset }: { dataset: DatasetBody }) {
  return (
    <span className="text-[13px]">
      <span className="font-mono text-xs">{dataset.id}</span> · {texts.common.pictures(dataset.pictures.length)} ·{" "}
      <Moment at={dataset.created_at} /> {said.by} <Named id={dataset.author} />
      {dataset.notes && <span dir="auto"> · {dataset.notes}</span>}
    </span>
  );
}

interface FactsProps {
  dataset: DatasetBody;
  drafting: Drafting;
  fixed: boolean;
  versions: readonly string[];
  onVersion: (version: string) => void;
}

function Facts({ dataset, drafting, fixed, versions, onVersion }: FactsProps) {
  const [editing, setEditing] = useState(false);
  const { draft, changeMuch } = drafting;
  const trigger = draft.trigger ?? dataset.trigger;
  const type = draft.assetType ?? dataset.asset_type ?? "";
  const [newest] = versions;
  const old = newest !== undefined && dataset.version !== newest;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-7 gap-y-3 text-[13px]">
        <dl className="contents">
          <Fact label={said.version}>
            <Select
              aria-label={said.version}
              className="h-8 w-auto py-1"
              value={dataset.version}
              onChange={(event) => onVersion(event.currentTarget.value)}
            >
              {versions.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          </Fact>
          <Fact label={said.trigger}>
            {trigger ? <strong dir="auto">{trigger}</strong> : <span className="text-warn">{said.noTrigger}</span>}
          </Fact>
          <Fact label={said.type}>
            <Badge>{type || texts.datasets.noType}</Badge>
          </Fact>
          <Fact label={said.licence}>
            <LicenceBadge licence={dataset.licence} />
          </Fact>
        </dl>
        {!fixed && (
          <Button size="small" look="quiet" onClick={() => setEditing(true)}>
            <Pencil className="size-3.5" aria-hidden />
            {said.about}
          </Button>
        )}
      </div>
      {old && (
        <p className="flex flex-wrap items-center gap-3 rounded-lg bg-warn-wash px-3 py-2 text-[13px] text-warn">
          {said.newest(newest)}
          <Button size="small" onClick={() => onVersion(newest)}>
            {said.toNewest}
          </Button>
        </p>
      )}
      {editing && (
        <AboutDialog
          dataset={dataset}
          draft={draft}
          onClose={() => setEditing(false)}
          onApply={({ name, assetType, trigger: word, intoCaptions }) => {
            const now = {
              ...draft,
              name: name === dataset.name ? undefined : name,
              assetType: assetType === (dataset.asset_type ?? "") ? undefined : assetType,
              trigger: word.trim() === dataset.trigger ? undefined : word.trim(),
            };
            const next = intoCaptions ? triggered(dataset, now, word).draft : now;
            changeMuch(next, texts.datasets.draft.changes(changeCount(next)));
          }}
        />
      )}
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Places() {
  return (
    <Loading>
      <Skeleton className="h-8 w-96" />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-3">
          {["a", "b", "c", "d", "e", "f", "g", "h"].map((place) => (
            <Skeleton key={place} className="h-72" />
          ))}
        </div>
        <Skeleton className="h-96" />
      </div>
    </Loading>
  );
}
