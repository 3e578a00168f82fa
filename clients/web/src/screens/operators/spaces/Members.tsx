import type { SpaceBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useDeferredValue, useId, useState } from "react";
import { type MemberRole, putMember, removeMember, spacesQuery, strangersQuery } from "@/api/spaces";
import { Button } from "@/parts/Button";
import { Field, Input, Select } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

/** Who is in a space, and who leads it. Taking somebody out can be undone for a moment. */
export function Members({ of }: { of: SpaceBody }) {
  const client = useQueryClient();
  const said = texts.operators.spaces;
  const [adding, setAdding] = useState("");
  const list = useId();
  const name = useDeferredValue(adding.trim());
  const strangers = useQuery({ ...strangersQuery(of.id, name), enabled: name !== "" }).data?.people ?? [];
  const read = () => client.invalidateQueries({ queryKey: spacesQuery.queryKey });
  const putting = useMutation({
    mutationFn: ({ id, role }: { id: string; role: MemberRole }) => putMember(of.id, id, role),
    onSuccess: read,
  });
  const removing = useMutation({
    mutationFn: ({ principal }: SpaceBody["members"][number]) => removeMember(of.id, principal),
    onSuccess: (_, member) => {
      read();
      toast(said.removed(member.name || member.principal), {
        undo: () => putting.mutate({ id: member.principal, role: member.role }),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Somebody whose whole name was written is the one that is meant.
    const named = strangers.filter((one) => one.name.toLowerCase() === adding.trim().toLowerCase());
    const id = named.length === 1 ? (named[0]?.id ?? "") : adding.trim();
    putting.mutate({ id, role: "member" }, { onSuccess: () => setAdding("") });
  };
  return (
    <section className="grid gap-3">
      <h3 className="text-[13px] font-semibold">{said.membersTitle}</h3>
      {of.members.length === 0 && <p className="text-soft">{said.noMembers}</p>}
      <ul className="grid gap-2">
        {of.members.map((member) => (
          <li key={member.principal} className="flex items-center gap-3">
            <span className="min-w-0 flex-1 truncate" dir="auto">
              {member.name || member.principal} <code className="text-xs text-soft">{member.principal}</code>
            </span>
            <Select
              aria-label={said.roleOf(member.name || member.principal)}
              className="w-32"
              value={member.role}
              onChange={(event) =>
                putting.mutate({ id: member.principal, role: event.currentTarget.value as MemberRole })
              }
            >
              <option value="member">{said.roles.member}</option>
              <option value="lead">{said.roles.lead}</option>
            </Select>
            <Button
              look="quiet"
              size="icon"
              aria-label={said.removeMember(member.name || member.principal)}
              onClick={() => removing.mutate(member)}
            >
              <X className="size-4" aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="flex max-w-md items-start gap-2">
        <Field label={said.addLabel} hint={said.addHint} className="flex-1">
          {(given) => (
            <Input
              {...given}
              value={adding}
              maxLength={64}
              list={list}
              autoComplete="off"
              onChange={(event) => setAdding(event.currentTarget.value)}
              required
            />
          )}
        </Field>
        <datalist id={list}>
          {strangers.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </datalist>
        <Button type="submit" className="mt-6.5" disabled={putting.isPending}>
          {said.add}
        </Button>
      </form>
      <Refusal error={putting.error ?? removing.error} />
    </section>
  );
}
