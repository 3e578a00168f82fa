import type { SpaceBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { changeSpace, deleteSpace, spacesQuery } from "@/api/spaces";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { Defaults } from "./Defaults";
import { Members } from "./Members";

interface SpaceProps {
  of: SpaceBody;
  /** Admins alone take one away for good. */
  mayDelete?: boolean;
}

/** One team, folded up. */
export function Space({ of, mayDelete }: SpaceProps) {
  const client = useQueryClient();
  const said = texts.operators.spaces;
  const name = of.name || of.id;
  const archiving = useMutation({
    mutationFn: (archived: boolean) => changeSpace(of.id, { archived }),
    onSuccess: (_, archived) => {
      client.invalidateQueries({ queryKey: spacesQuery.queryKey });
      if (archived) toast(said.archivedToast(name), { undo: () => archiving.mutate(false) });
      else toast(said.restoredToast(name));
    },
    onError: (error) => toast(asProblem(error).message, { tone: "bad" }),
  });
  return (
    <li className="rounded-2xl border border-line bg-sheet">
      <details>
        <summary className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 rounded-2xl px-5 py-3">
          <span className="min-w-0 flex-1 truncate font-semibold" dir="auto">
            {name}
          </span>
          <code className="text-xs text-soft">{of.id}</code>
          <span className="text-[13px] text-soft">{said.members(of.members.length)}</span>
          {of.archived_at && <Badge>{said.archived}</Badge>}
        </summary>
        <div className="grid gap-8 border-t border-line px-5 py-5">
          <Members of={of} />
          <Defaults key={JSON.stringify(of.defaults)} of={of} />
          <div className="flex flex-wrap gap-2">
            <Button disabled={archiving.isPending} onClick={() => archiving.mutate(!of.archived_at)}>
              {of.archived_at ? said.restore : said.archive}
            </Button>
            {mayDelete && <Deletion of={of} />}
          </div>
        </div>
      </details>
    </li>
  );
}

/** For good where nothing was ever made in it; what has pictures is archived by the studio, and they stay. */
function Deletion({ of }: { of: SpaceBody }) {
  const client = useQueryClient();
  const said = texts.operators.spaces;
  const name = of.name || of.id;
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    const { deleted } = await deleteSpace(of.id);
    toast(deleted ? said.deletedToast(name) : said.archivedToast(name));
  };
  const done = () => {
    setAsking(false);
    client.invalidateQueries({ queryKey: spacesQuery.queryKey });
    client.invalidateQueries({ queryKey: ["me"] });
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {said.delete}
      </Button>
      {asking && (
        <Confirm
          title={said.deleteTitle(name)}
          action={said.delete}
          run={remove}
          onDone={done}
          onClose={() => setAsking(false)}
        >
          {said.deleteLead}
        </Confirm>
      )}
    </>
  );
}
