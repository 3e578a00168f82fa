import type { PersonBody } from "@openapi";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { peopleQuery, setActive } from "@/api/people";
import { asProblem } from "@/api/problem";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { dayOf } from "@/parts/dates";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { RolesDialog } from "./RolesDialog";

/** Everybody who has signed in, their roles, and whether they may come in. */
export function PeopleScreen() {
  const people = useInfiniteQuery(peopleQuery);
  const said = texts.operators.people;
  const all = people.data?.pages.flatMap((page) => page.people);
  return (
    <Page title={said.title} lead={said.lead}>
      {people.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </Loading>
      )}
      {people.error && <Failed error={people.error} onRetry={() => people.refetch()} />}
      {all?.length === 0 && <Empty title={said.none} />}
      <ul className="divide-y divide-line">
        {all?.map((person) => (
          <Person key={person.id} of={person} />
        ))}
      </ul>
      {people.hasNextPage && (
        <Button className="mt-4" disabled={people.isFetchingNextPage} onClick={() => people.fetchNextPage()}>
          {texts.common.more}
        </Button>
      )}
    </Page>
  );
}

function Person({ of }: { of: PersonBody }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"roles" | "out" | null>(null);
  const said = texts.operators.people;
  const name = of.name || of.id;
  const changed = (sentence: string) => {
    setOpen(null);
    toast(sentence);
    client.invalidateQueries({ queryKey: peopleQuery.queryKey });
    client.invalidateQueries({ queryKey: ["me"] });
  };
  const lettingIn = useMutation({
    mutationFn: () => setActive(of.id, true),
    onSuccess: () => changed(said.letInDone(name)),
    onError: (error) => toast(asProblem(error).message, { tone: "bad" }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3.5" aria-label={name}>
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex items-center gap-2">
          <span className="truncate font-semibold" dir="auto">
            {name}
          </span>
          {!of.active && <Badge tone="bad">{said.out}</Badge>}
        </p>
        <p className="truncate text-[13px] text-soft">
          <code>{of.id}</code> · {of.seen_at ? `${said.seen} ${dayOf(of.seen_at)}` : said.neverSeen}
        </p>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {of.roles.map((role) => (
          <Badge key={role} {...(of.given_roles.includes(role) ? {} : { title: said.fromToken })}>
            {texts.me.roles[role]}
          </Badge>
        ))}
      </div>
      <div className="flex gap-2">
        <Button size="small" onClick={() => setOpen("roles")}>
          {said.edit}
        </Button>
        {of.active ? (
          <Button size="small" look="danger" onClick={() => setOpen("out")}>
            {said.shutOut}
          </Button>
        ) : (
          <Button size="small" disabled={lettingIn.isPending} onClick={() => lettingIn.mutate()}>
            {said.letIn}
          </Button>
        )}
      </div>
      {open === "roles" && (
        <RolesDialog of={of} onDone={() => changed(said.given(name))} onClose={() => setOpen(null)} />
      )}
      {open === "out" && (
        <Confirm
          title={said.shutOutTitle(name)}
          action={said.shutOut}
          run={() => setActive(of.id, false)}
          onDone={() => changed(said.shutOutDone(name))}
          onClose={() => setOpen(null)}
        >
          {said.shutOutLead}
        </Confirm>
      )}
    </li>
  );
}
