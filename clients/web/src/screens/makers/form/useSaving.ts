import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addEntry, type Kind, type Mark } from "@/api/library";
import { asProblem, type Problem } from "@/api/problem";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import type { Body } from "../body";
import { forgetLibrary } from "../forgetting";
import { type Bump, bump } from "../semver";

/** What a form edits: an entry with its newest version, or a new one. */
export interface Edited {
  base: Body;
  id?: string;
  newest?: string;
}

export interface Release {
  id: string;
  bump: Bump;
  mark: Mark | "none";
  notes: string;
}

const FIRST = "1.0.0";

/** How a new version is released, and its way into the library. */
export function useSaving(kind: Kind, edited: Edited) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [release, setRelease] = useState<Release>({
    id: edited.id ?? "",
    bump: "minor",
    mark: edited.newest ? "candidate" : "live",
    notes: "",
  });
  const version = edited.newest ? bump(edited.newest, release.bump) : FIRST;
  const saving = useMutation({
    mutationFn: (body: Record<string, unknown>) => {
      const { id: _, version: __, ...rest } = body;
      const mark = release.mark === "none" ? null : release.mark;
      return addEntry(kind, { id: release.id.trim(), version, body: rest, mark, notes: release.notes.trim() });
    },
    onSuccess: (entry) => {
      forgetLibrary(client);
      toast(texts.makers.form.saved(entry.id, entry.version));
      navigate({
        to: "/app/library/$kind/$entryId",
        params: { kind, entryId: entry.id },
        search: edited.newest ? { tab: "diff", from: edited.newest, to: entry.version } : {},
      });
    },
  });
  return {
    version,
    release,
    change: (change: Partial<Release>) => setRelease({ ...release, ...change }),
    save: (body: Record<string, unknown>) => saving.mutate(body),
    busy: saving.isPending,
    problem: saving.error ? asProblem(saving.error) : null,
  };
}

export type Saving = ReturnType<typeof useSaving>;

/** What is wrong with a field of the body, or with something inside it. */
export function errorAt(problem: Problem | null, field: string): string | null {
  const said = problem?.field;
  if (!problem || !said) return null;
  return said === field || said === `body.${field}` || said.startsWith(`body.${field}.`) ? problem.message : null;
}
