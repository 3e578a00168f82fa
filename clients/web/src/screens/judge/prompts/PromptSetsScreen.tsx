import type { EntrySummary } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, ListOrdered } from "lucide-react";
import { useState } from "react";
import { promptSetQuery, promptSetsQuery } from "@/api/promptSets";
import { Button, buttonLook } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { DataTable } from "../DataTable";
import { JudgePage } from "../JudgePage";
import { UploadPrompts } from "./UploadPrompts";

/** The studio's own prompts, in sets. */
export function PromptSetsScreen() {
  const words = texts.judge.promptSets;
  const sets = useQuery(promptSetsQuery);
  const mayUpload = useHasRole("evaluator", "brand_engineer");
  const [uploading, setUploading] = useState(false);
  const { set } = useSearch({ from: "/studio/app/prompt-sets" });
  const navigate = useNavigate({ from: "/app/prompt-sets" });
  const upload = mayUpload && (
    <Button look="primary" onClick={() => setUploading(true)}>
      <FileUp className="size-4" aria-hidden />
      {words.upload}
    </Button>
  );
  const entries = sets.data?.entries;
  return (
    <JudgePage title={words.title} lead={words.lead} actions={entries?.length ? upload : null}>
      {sets.error && !entries ? (
        <Failed error={sets.error} onRetry={sets.refetch} />
      ) : !entries ? (
        <Loading>
          <Skeleton className="h-14" />
        </Loading>
      ) : entries.length === 0 ? (
        <Empty icon={<ListOrdered aria-hidden />} title={words.none} action={upload}>
          {words.noneLead}
        </Empty>
      ) : (
        <ul className="overflow-hidden rounded-xl border border-line bg-sheet">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
      {set && <Prompts id={set} onClose={() => void navigate({ search: {}, replace: true })} />}
      {uploading && <UploadPrompts onClose={() => setUploading(false)} />}
    </JudgePage>
  );
}

function Entry({ entry }: { entry: EntrySummary }) {
  const words = texts.judge.promptSets;
  return (
    <li className="border-b border-line last:border-0">
      <Link
        to="/app/prompt-sets"
        search={{ set: entry.id }}
        className="flex items-baseline justify-between gap-4 px-4 py-3.5 outline-offset-[-2px] hover:bg-well/60"
      >
        <span>
          <span className="font-semibold" dir="auto">
            {entry.name}
          </span>{" "}
          <span className="text-[13px] text-soft">{entry.id}</span>
          {entry.problem && <span className="block text-[13px] text-bad">{entry.problem}</span>}
        </span>
        <span className="text-[13px] text-soft tabular-nums">
          {words.version} {entry.newest}
        </span>
      </Link>
    </li>
  );
}

interface SetPrompt {
  prompt: string;
  asset_type?: string;
  seed?: number | null;
}

function Prompts({ id, onClose }: { id: string; onClose: () => void }) {
  const words = texts.judge.promptSets;
  const set = useQuery(promptSetQuery(id));
  const body = set.data?.body as { name?: string; description?: string; prompts?: SetPrompt[] } | undefined;
  const prompts = (body?.prompts ?? []).map((one, place) => ({ ...one, place }));
  return (
    <Dialog
      open
      onClose={onClose}
      title={body?.name ?? id}
      description={body ? words.prompts(prompts.length) : undefined}
      shape="side"
      foot={
        <Link to="/app/compare-ways/new" search={{ set: id }} className={buttonLook({ look: "primary" })}>
          {words.compare}
        </Link>
      }
    >
      {set.error && !set.data ? (
        <Failed error={set.error} onRetry={set.refetch} />
      ) : !body ? (
        <Loading />
      ) : (
        <div className="grid gap-4">
          {body.description && <p className="text-soft">{body.description}</p>}
          <DataTable
            caption={words.title}
            quiet
            rows={prompts}
            keyOf={(row) => String(row.place)}
            columns={[
              { head: words.prompt, cell: (row) => <span dir="auto">{row.prompt}</span> },
              { head: words.type, cell: (row) => row.asset_type ?? "icon" },
              { head: words.seed, number: true, cell: (row) => row.seed ?? "" },
            ]}
          />
        </div>
      )}
    </Dialog>
  );
}
