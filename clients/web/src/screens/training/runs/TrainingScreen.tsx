import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { cancelTraining, type Training, trainingQuery } from "@/api/trainings";
import { isEnded } from "@/live/happening";
import { useHearing } from "@/live/hearing";
import { Button, buttonLook } from "@/parts/Button";
import { duration, Moment } from "@/parts/dates";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Progress } from "@/parts/Progress";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { Tabs } from "@/parts/Tabs";
import { toast } from "@/parts/toasts";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { money, sentence } from "../datasets/Findings";
import { shown } from "../order/SettingsFold";
import { GROUP_NAMES, GROUPS } from "../order/settings";
import { TABS, type TrainingSearch } from "../search";
import { TrainingPage } from "../TrainingPage";
import { Checkpoints } from "./Checkpoints";
import { JudgeView } from "./JudgeView";
import { LossChart } from "./LossChart";
import { heard } from "./merge";
import { Promotion } from "./Promotion";
import { StateBadge } from "./StateBadge";

const said = texts.training.one;

/** One training: how far it is, how it learns, what is kept, what the judge says, and the way into use. */
export function TrainingScreen() {
  const { trainingId } = useParams({ from: "/studio/app/training/runs/$trainingId" });
  const { tab } = useSearch({ from: "/studio/app/training/runs/$trainingId" });
  const navigate = useNavigate({ from: "/app/training/runs/$trainingId" });
  const training = useQuery(trainingQuery(trainingId));
  useLive(trainingId);
  const { data } = training;
  const look = (now: TrainingSearch) => navigate({ search: now, replace: true });
  return (
    <TrainingPage
      of="trainings"
      title={data?.lora ?? texts.training.title}
      wide
      lead={data && texts.training.on(data.model, data.dataset.replace("@", " "))}
      actions={data && <Actions training={data} />}
    >
      {training.error && !data && <Failed error={training.error} onRetry={() => training.refetch()} />}
      {training.isPending && <Places />}
      {data && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          <State training={data} readAt={training.dataUpdatedAt} />
          <Tabs
            label={data.lora}
            value={tab ?? "run"}
            onChange={(now) => look({ tab: now === "run" ? undefined : now })}
            tabs={TABS.map((value) => ({ value, label: said.tabs[value], content: <View tab={value} of={data} /> }))}
          />
        </div>
      )}
    </TrainingPage>
  );
}

/** What the stream tells goes into what was read; what it does not tell whole is read again. */
function useLive(id: string): void {
  const client = useQueryClient();
  useHearing((what) => {
    const { queryKey } = trainingQuery(id);
    const known = client.getQueryData(queryKey);
    if (!known) return;
    const now = heard(known, what);
    if (now === null) client.invalidateQueries({ queryKey });
    else if (now !== known) client.setQueryData(queryKey, now);
  });
}

function View({ tab, of }: { tab: (typeof TABS)[number]; of: Training }) {
  if (tab === "settings") return <Settings training={of} />;
  const main = tab === "run" ? <Run training={of} /> : <JudgeView training={of} />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
      {main}
      <Promotion training={of} />
    </div>
  );
}

function Run({ training }: { training: Training }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-9">
      <Part title={said.loss} lead={said.lossLead}>
        <LossChart training={training} />
      </Part>
      <Part title={said.checkpoints} lead={said.checkpointsLead}>
        <Checkpoints training={training} />
      </Part>
    </div>
  );
}

function Part({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3" aria-label={title}>
      <div>
        <h2 className="text-base font-semibold">{title}</h2>
        <p className="max-w-prose text-[13px] text-soft">{lead}</p>
      </div>
      {children}
    </section>
  );
}

function State({ training, readAt }: { training: Training; readAt: number }) {
  const left = useLeft(training.estimated_time_seconds, readAt);
  if (isEnded(training.status)) return <Ended training={training} />;
  return (
    <section aria-label={said.progress} className="grid gap-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StateBadge state={training.state} />
        <span className="font-semibold tabular-nums">{texts.training.steps(training.step, training.steps)}</span>
        <span className="text-soft tabular-nums">{texts.training.left(duration(Math.max(1, left)))}</span>
        {training.detail && (
          <span className="text-[13px] text-soft" dir="auto">
            {sentence(training.detail)}
          </span>
        )}
      </div>
      <Progress value={training.progress} label={said.progress} />
    </section>
  );
}

function Ended({ training }: { training: Training }) {
  const { error, started_at, ended_at } = training;
  const took = started_at && ended_at ? (Date.parse(ended_at) - Date.parse(started_at)) / 1000 : null;
  return (
    <section aria-label={said.progress} className="grid gap-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[13px] text-soft">
        <StateBadge state={training.state} />
        <span className="tabular-nums">{texts.training.steps(training.step, training.steps)}</span>
        {took !== null && (
          <span className="tabular-nums">
            {said.facts.took} {duration(took)}
          </span>
        )}
        {ended_at && <Moment at={ended_at} />}
      </div>
      {error && (
        <p className="rounded-lg bg-bad-wash px-3 py-2 text-[13px] text-bad" role="alert" dir="auto">
          {sentence(error.message)}
        </p>
      )}
    </section>
  );
}

function Actions({ training }: { training: Training }) {
  const client = useQueryClient();
  const mayTrain = useHasRole("designer", "brand_engineer");
  const cancel = useMutation({
    mutationFn: () => cancelTraining(training.job_id),
    onSuccess: (now) => {
      client.setQueryData(trainingQuery(training.job_id).queryKey, now);
      client.invalidateQueries({ queryKey: ["trainings"] });
      toast(said.canceled);
    },
  });
  if (!mayTrain) return null;
  return (
    <>
      {isEnded(training.status) ? (
        <Link to="/app/training/new" search={{ like: training.job_id }} className={buttonLook({})}>
          <RotateCw className="size-4" aria-hidden />
          {said.again}
        </Link>
      ) : (
        <Button look="danger" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          {said.cancel}
        </Button>
      )}
      <Refusal error={cancel.error} className="w-full" />
    </>
  );
}

/** What it was set to, and what it comes from. */
function Settings({ training }: { training: Training }) {
  const [id, version] = training.dataset.split("@");
  const { facts } = said;
  const { estimate } = training;
  const cost = typeof estimate.cost === "number" ? ` · ${money(estimate.cost, estimate.currency ?? null)}` : "";
  return (
    <div className="grid gap-8">
      <dl className="grid gap-x-8 gap-y-3 text-[13px] sm:grid-cols-2 lg:grid-cols-3">
        <Fact label={facts.dataset}>
          <Link
            to="/app/training/datasets/$datasetId"
            params={{ datasetId: id ?? "" }}
            search={{ version }}
            className="underline underline-offset-2 hover:text-accent"
          >
            {training.dataset.replace("@", " ")}
          </Link>
        </Fact>
        <Fact label={facts.model}>{training.model}</Fact>
        <Fact label={facts.trigger}>
          <span dir="auto">{training.trigger || texts.common.none}</span>
        </Fact>
        <Fact label={facts.pictures}>{training.pictures}</Fact>
        <Fact label={facts.estimated}>{duration(estimate.seconds) + cost}</Fact>
        <Fact label={facts.licence}>
          <LicenceBadge licence={training.licence} />
        </Fact>
      </dl>
      {GROUP_NAMES.map((group) => (
        <section key={group} className="grid gap-3 border-t border-line pt-5">
          <h2 className="text-[13px] font-semibold text-soft">{texts.training.groups[group]}</h2>
          <dl className="grid gap-x-8 gap-y-3 text-[13px] sm:grid-cols-2 lg:grid-cols-3">
            {GROUPS[group].map(({ name }) => (
              <Fact key={name} label={texts.training.fields[name] ?? name}>
                <span className="whitespace-pre-line" dir="auto">
                  {shown(training.settings[name])}
                </span>
              </Fact>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(7rem,10rem)_minmax(0,1fr)] gap-3">
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0 tabular-nums">{children}</dd>
    </div>
  );
}

/** Seconds that are left now, of those that were when it was read. */
function useLeft(seconds: number, readAt: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds - Math.max(0, now - readAt) / 1000;
}

function Places() {
  return (
    <Loading>
      <Skeleton className="h-10" />
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Skeleton className="h-72" />
        <Skeleton className="h-72" />
      </div>
    </Loading>
  );
}
