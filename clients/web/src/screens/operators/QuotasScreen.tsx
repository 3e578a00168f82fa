import type { SetQuotaBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { quotasQuery, type Subject } from "@/api/quotas";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Field, Input, Select } from "@/parts/Field";
import { Page } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { QuotaForm } from "./QuotaForm";
import { SUBJECTS } from "./search";

/** Limits of people, spaces and keys: what was set, and the form that sets it. */
export function QuotasScreen() {
  const { subject, id } = useSearch({ from: "/studio/app/operations/quotas" });
  const navigate = useNavigate({ from: "/app/operations/quotas" });
  const quotas = useQuery(quotasQuery);
  const said = texts.operators.quotas;
  const look = (of: Subject, one: string) => navigate({ search: { subject: of, id: one } });
  return (
    <Page title={said.title} lead={said.lead}>
      <div className="grid gap-8 md:grid-cols-[17rem_minmax(0,1fr)]">
        <div className="grid content-start gap-6">
          <LookUp onLook={look} />
          {quotas.isPending && (
            <Loading>
              <Skeleton className="h-24" />
            </Loading>
          )}
          {quotas.error && <Failed error={quotas.error} onRetry={() => quotas.refetch()} />}
          {quotas.data?.quotas.length === 0 && <p className="text-soft">{said.none}</p>}
          <ul className="grid gap-0.5">
            {quotas.data?.quotas.map((one) => (
              <SetOne
                key={one.subject + one.id}
                of={one}
                chosen={one.subject === subject && one.id === id}
                onChoose={() => look(one.subject, one.id)}
              />
            ))}
          </ul>
        </div>
        {subject && id ? (
          <QuotaForm key={subject + id} subject={subject} id={id} />
        ) : (
          <p className="text-soft">{said.pick}</p>
        )}
      </div>
    </Page>
  );
}

interface SetOneProps {
  of: SetQuotaBody;
  chosen: boolean;
  onChoose: () => void;
}

function SetOne({ of, chosen, onChoose }: SetOneProps) {
  return (
    <li>
      <button
        type="button"
        aria-current={chosen}
        onClick={onChoose}
        className={classes(
          "flex min-h-9 w-full items-baseline gap-2 rounded-lg px-3 py-1.5 text-left hover:bg-well",
          chosen && "bg-wash text-accent",
        )}
      >
        <span className="min-w-0 flex-1 truncate font-medium">{of.id}</span>
        <span className="text-xs text-soft">{texts.operators.quotas.subjects[of.subject]}</span>
      </button>
    </li>
  );
}

function LookUp({ onLook }: { onLook: (subject: Subject, id: string) => void }) {
  const said = texts.operators.quotas;
  const [subject, setSubject] = useState<Subject>("user");
  const [id, setId] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onLook(subject, id.trim());
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label={said.subject}>
        {(given) => (
          <Select {...given} value={subject} onChange={(event) => setSubject(event.currentTarget.value as Subject)}>
            {SUBJECTS.map((one) => (
              <option key={one} value={one}>
                {said.subjects[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex items-end gap-2">
        <Field label={said.id} className="min-w-0 flex-1">
          {(given) => (
            <Input
              {...given}
              value={id}
              pattern="[!-~]+"
              maxLength={200}
              onChange={(event) => setId(event.currentTarget.value)}
              required
            />
          )}
        </Field>
        <Button type="submit">{said.look}</Button>
      </div>
    </form>
  );
}
