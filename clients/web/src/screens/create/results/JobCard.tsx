import type { JobBody } from "@openapi";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { LayoutGrid, Link2, Plus, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { assetTypesQuery, modelsQuery } from "@/api/catalogue";
import { createCollection, putItems } from "@/api/collections";
import { recipeQuery } from "@/api/images";
import { asProblem } from "@/api/problem";
import { at } from "@/api/root";
import { isEnded } from "@/live/happening";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { download } from "@/parts/download";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Picture } from "@/parts/Picture";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { ShareDialog } from "@/pictures/ShareDialog";
import { texts } from "@/texts";
import { fillForm, fillFromJob } from "../form";
import { useGoOn } from "../ordering";
import { toForm } from "./editing";
import { idOf } from "./files";
import { JobProgress } from "./JobProgress";
import { PictureGrid } from "./PictureGrid";

interface JobCardProps {
  job: JobBody;
  /** When it was read, in milliseconds of this machine's clock. */
  readAt: number;
  /** On a screen of its own: its words are the screen's title. */
  alone?: boolean;
  /** Its pictures are shown larger. */
  large?: boolean;
  /** Another job was ordered from this one. */
  onOrdered: (jobId: string) => void;
}

/** One job: what was asked for, how far it is, its pictures as they come, and what can be done next. */
export function JobCard({ job, readAt, alone, large, onOrdered }: JobCardProps) {
  const Title = alone ? "h1" : "h2";
  const facts = useFacts(job);
  return (
    <article aria-label={job.prompt} data-job={job.job_id} className="@container grid grid-cols-[minmax(0,1fr)] gap-3">
      <header className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <Title
            dir="auto"
            className={
              alone
                ? "font-serif text-2xl font-semibold break-words"
                : "line-clamp-2 text-[15px] font-semibold break-words"
            }
          >
            {alone ? (
              job.prompt
            ) : (
              <Link to="/app/jobs/$jobId" params={{ jobId: job.job_id }} className="hover:underline">
                {job.prompt}
              </Link>
            )}
          </Title>
          <p className="mt-0.5 flex flex-wrap gap-x-2 text-xs text-soft">
            {facts.join(" · ")}
            <Moment at={job.created_at} />
          </p>
        </div>
        <div className="flex shrink-0 items-center gap-1.5">
          {(job.status === "failed" || job.status === "canceled") && (
            <Badge tone={job.status === "failed" ? "bad" : "plain"}>{texts.jobs.status[job.status]}</Badge>
          )}
          {job.images.length > 0 && <LicenceBadge licence={job.licence} />}
        </div>
      </header>
      <Inputs job={job} />
      {!isEnded(job.status) && <JobProgress job={job} readAt={readAt} />}
      <Ending job={job} />
      <PictureGrid job={job} large={large ?? alone} onOrdered={onOrdered} />
      <Notes job={job} />
      <Actions job={job} onOrdered={onOrdered} />
    </article>
  );
}

/** What it was ordered with, by the names that people know. */
function useFacts(job: JobBody): string[] {
  const types = useQuery(assetTypesQuery).data;
  const models = useQuery(modelsQuery).data?.models;
  const named = (list: readonly { id: string; name: string }[] | undefined, id: string) =>
    list?.find((one) => one.id === id)?.name ?? id;
  return [
    named(types?.asset_types, job.asset_type),
    named(types?.qualities, job.quality),
    named(models, job.model),
    ...(job.loras ?? []).map(({ id, version, strength }) => `${version ? `${id} ${version}` : id} × ${strength}`),
  ];
}

/** The pictures that it began with. */
function Inputs({ job }: { job: JobBody }) {
  const inputs = job.inputs ?? [];
  if (inputs.length === 0) return null;
  return (
    <ul aria-label={texts.jobs.begun} className="flex flex-wrap gap-3">
      {inputs.map((input) => (
        <li key={input.role + input.picture} className="flex items-center gap-2 text-xs text-soft">
          <Picture url={input.url} alt="" width={1} height={1} cover className="w-9 rounded-md" />
          {texts.jobs.roles[input.role] ?? input.role}
        </li>
      ))}
    </ul>
  );
}

/** How it ended, where that was not well, and what to do. */
function Ending({ job }: { job: JobBody }) {
  if (job.status === "canceled") {
    return <p className="text-[13px] text-soft">{job.images.length > 0 ? texts.jobs.canceledHint : texts.jobs.none}</p>;
  }
  if (job.status !== "failed") return null;
  return (
    <div role="alert" className="rounded-lg bg-bad-wash px-3 py-2 text-[13px] text-bad">
      {texts.jobs.failed}: {job.error?.message}. {texts.jobs.failedHint}
    </div>
  );
}

/** What the plan says, but for what is usual, and what became of the pictures. */
function Notes({ job }: { job: JobBody }) {
  const planned = (job.notes ?? []).filter((note) => note.code !== "enlarged").map((note) => note.message);
  const notes = [...new Set([...planned, ...job.images.flatMap((image) => image.notes ?? [])])];
  if (notes.length === 0) return null;
  return (
    <ul className="grid gap-0.5 text-xs text-soft">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

const MORE = 4;

function Actions({ job, onOrdered }: { job: JobBody; onOrdered: (jobId: string) => void }) {
  const goOn = useGoOn();
  const navigate = useNavigate();
  const more = useMutation({
    mutationFn: () =>
      goOn(
        { call: "regenerate", body: { job_id: job.job_id, num_variations: MORE } },
        { prompt: job.prompt, count: MORE, size: job.size ?? null },
      ),
    onSuccess: (accepted) => accepted && onOrdered(accepted.job_id),
  });
  const client = useQueryClient();
  const use = async () => {
    await settingsToForm(client, job);
    toast(texts.jobs.settingsDone);
    navigate({ to: "/" }).then(toForm);
  };
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap gap-1.5">
        <Button size="small" onClick={() => more.mutate()} disabled={more.isPending}>
          <Plus className="size-3.5" aria-hidden />
          {texts.jobs.more}
        </Button>
        <Button size="small" look="quiet" onClick={use}>
          <SlidersHorizontal className="size-3.5" aria-hidden />
          {texts.jobs.settings}
        </Button>
        {job.images.length > 1 && (
          <Button size="small" look="quiet" onClick={() => saveSheet(job.job_id)}>
            <LayoutGrid className="size-3.5" aria-hidden />
            {texts.jobs.sheet}
          </Button>
        )}
        {job.images.length > 1 && isEnded(job.status) && <ShareAll job={job} />}
      </div>
      <Refusal error={more.error} onRetry={() => more.mutate()} />
    </div>
  );
}

const LONGEST_NAME = 200;

/** Its pictures as one: what a link can show of several is a collection, which is made of them. */
function ShareAll({ job }: { job: JobBody }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const gather = useMutation({
    mutationFn: async () => {
      const made = await createCollection([...job.prompt].slice(0, LONGEST_NAME).join(""), texts.jobs.sharedNotes);
      await putItems(
        made.id,
        job.images.map((image) => idOf(job.job_id, image)),
      );
      return made;
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["collections"] }),
  });
  const share = () => {
    setOpen(true);
    if (!gather.data) gather.mutate();
  };
  return (
    <>
      <Button size="small" look="quiet" disabled={gather.isPending} onClick={share}>
        <Link2 className="size-3.5" aria-hidden />
        {texts.jobs.shareAll}
      </Button>
      {gather.data && (
        <ShareDialog
          what={{ kind: "collection", id: gather.data.id }}
          lead={texts.jobs.sharedAs}
          open={open}
          onClose={() => setOpen(false)}
        />
      )}
      <Refusal error={gather.error} onRetry={() => gather.mutate()} />
    </>
  );
}

/** A recipe says all that was asked for; without one, a job says the most of it. */
async function settingsToForm(client: QueryClient, job: JobBody): Promise<void> {
  const [first] = job.images;
  const recipe = first && (await client.fetchQuery(recipeQuery(idOf(job.job_id, first))).catch(() => null));
  if (recipe?.request) fillForm({ ...recipe.request, num_variations: job.images_total });
  else fillFromJob(job);
}

async function saveSheet(jobId: string): Promise<void> {
  try {
    await download(at(`jobs/${jobId}/grid`), `${jobId}.png`);
  } catch (error) {
    toast(asProblem(error).message, { tone: "bad" });
  }
}
