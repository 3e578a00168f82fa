import type { QuotaBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { quotaQuery, removeQuota, type Subject, setQuota } from "@/api/quotas";
import { Button } from "@/parts/Button";
import { minuteOf } from "@/parts/dates";
import { Group, Input } from "@/parts/Field";
import { QuotaBars } from "@/parts/QuotaBars";
import { Segments } from "@/parts/Segments";
import { Failed, Loading, Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { useName } from "@/session/Named";
import { texts } from "@/texts";
import { LIMITS, type Limit, readLimits, type Said, writeLimits } from "./limits";

/** What one has used, and what limits them. */
export function QuotaForm({ subject, id }: { subject: Subject; id: string }) {
  const quota = useQuery(quotaQuery(subject, id));
  if (quota.error) return <Failed error={quota.error} onRetry={() => quota.refetch()} />;
  if (!quota.data) return <Loading />;
  return <Form key={quota.data.set_at ?? "none"} of={quota.data} />;
}

function Form({ of }: { of: QuotaBody }) {
  const client = useQueryClient();
  const [form, setForm] = useState(() => readLimits(of));
  const said = texts.operators.quotas;
  const setter = useName(of.set_by ?? "");
  const done = (sentence: string) => {
    toast(sentence);
    client.invalidateQueries({ queryKey: ["quota"] });
  };
  const setting = useMutation({
    mutationFn: () => setQuota(of.subject, of.id, writeLimits(form)),
    onSuccess: () => done(said.saved),
  });
  const removing = useMutation({
    mutationFn: () => removeQuota(of.subject, of.id),
    onSuccess: () => done(said.removed),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setting.mutate();
  };
  const problem = setting.error ?? removing.error;
  return (
    <section aria-label={of.id} className="grid content-start gap-8">
      <div className="grid gap-3">
        <h2 className="text-[15px] font-semibold break-all">
          {said.subjects[of.subject]} {of.id}
        </h2>
        <p className="text-[13px] text-soft">
          {of.set_by && of.set_at ? said.setBy(setter, minuteOf(of.set_at)) : said.inherited}
        </p>
        <QuotaBars of={of} />
      </div>
      <form onSubmit={submit} className="grid gap-5">
        {LIMITS.map((limit) => (
          <LimitField
            key={limit}
            limit={limit}
            said={form[limit]}
            error={problem && asProblem(problem).field === limit ? asProblem(problem).message : null}
            onChange={(now) => setForm({ ...form, [limit]: now })}
          />
        ))}
        <Refusal error={problem} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" disabled={setting.isPending}>
            {said.save}
          </Button>
          {of.set && (
            <Button disabled={removing.isPending} onClick={() => removing.mutate()}>
              {said.remove}
            </Button>
          )}
        </div>
      </form>
    </section>
  );
}

interface LimitFieldProps {
  limit: Limit;
  said: Said;
  error: string | null;
  onChange: (said: Said) => void;
}

function LimitField({ limit, said, error, onChange }: LimitFieldProps) {
  const words = texts.operators.quotas;
  const label = words.fields[limit];
  return (
    <Group label={label} error={error}>
      <div className="flex flex-wrap items-center gap-3">
        <Segments
          label={label}
          value={said.how}
          onChange={(how) => onChange({ ...said, how })}
          choices={(["inherit", "unlimited", "limit"] as const).map((value) => ({
            value,
            label: words.choices[value],
          }))}
        />
        {said.how === "limit" && (
          <Input
            type="number"
            aria-label={words.limitOf(label)}
            className="w-32"
            min={0}
            max={1e9}
            value={said.limit}
            onChange={(event) => onChange({ ...said, limit: event.currentTarget.valueAsNumber || 0 })}
          />
        )}
      </div>
    </Group>
  );
}
