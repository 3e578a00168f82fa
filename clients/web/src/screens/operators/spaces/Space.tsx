import type { SpaceBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";
import { changeSpace, spacesQuery } from "@/api/spaces";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { Defaults } from "./Defaults";
import { Members } from "./Members";

/** One team, folded up. */
export function Space({ of }: { of: SpaceBody }) {
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
          <Button
            look={of.archived_at ? "plain" : "danger"}
            className="justify-self-start"
            disabled={archiving.isPending}
            onClick={() => archiving.mutate(!of.archived_at)}
          >
            {of.archived_at ? said.restore : said.archive}
          </Button>
        </div>
      </details>
    </li>
  );
}
