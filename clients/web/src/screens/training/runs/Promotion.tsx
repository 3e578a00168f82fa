import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { versionsQuery } from "@/api/library";
import type { Training } from "@/api/trainings";
import { Badge } from "@/parts/Badge";
import { Button, buttonLook } from "@/parts/Button";
import { change, currentDraft } from "@/screens/create/form";
import { loraIn, pinned } from "@/screens/create/lora";
import { MoveMark } from "@/screens/makers/MoveMark";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { sentence } from "../datasets/Findings";
import { LiveForType } from "./LiveForType";

const said = texts.training.promote;

/** From a candidate to what everybody draws with, and back: each step is a move of a mark. */
export function Promotion({ training }: { training: Training }) {
  const { adapter } = training;
  return (
    <section aria-label={said.title} className="grid content-start gap-4 rounded-2xl border border-line bg-sheet p-5">
      <h2 className="text-base font-semibold">{said.title}</h2>
      {adapter ? <Steps training={training} adapter={adapter} /> : <p className="text-[13px] text-soft">{said.none}</p>}
    </section>
  );
}

interface StepsProps {
  training: Training;
  adapter: NonNullable<Training["adapter"]>;
}

function Steps({ training, adapter }: StepsProps) {
  const { lora, version, step, strength, mark, why } = adapter;
  const [dialog, setDialog] = useState<"live" | "type" | null>(null);
  const navigate = useNavigate();
  const versions = useQuery(versionsQuery("loras", lora));
  const mayMove = useHasRole("brand_engineer");
  const live = versions.data?.versions.find((one) => one.marks?.includes("live"))?.version;
  const isLive = live === version;
  const shown = String(Math.round(strength * 100) / 100);
  const told = [said.candidateDone(lora, version, step, shown), !mark && said.notCandidate, why && sentence(why)];
  const draw = () => {
    const others = currentDraft().loras.filter((one) => loraIn(one.id) !== lora);
    change({ loras: [...others, { id: pinned(lora, version), strength }] });
    navigate({ to: "/" });
  };
  return (
    <ol className="grid gap-5 text-[13px]">
      <Step title={said.candidate} done={Boolean(mark)} lead={told.filter(Boolean).join(" ")}>
        <Button size="small" onClick={draw}>
          {said.draw}
        </Button>
        <Link
          to="/app/library/$kind/$entryId"
          params={{ kind: "loras", entryId: lora }}
          search={{ tab: "try" }}
          className={buttonLook({ size: "small" })}
        >
          {said.tryIt}
        </Link>
      </Step>
      <Step title={said.canary} lead={said.canaryLead}>
        <Link
          to="/app/experiments/new"
          search={{ lora: pinned(lora, version), strength }}
          className={buttonLook({ size: "small" })}
        >
          {said.canaryAction}
        </Link>
      </Step>
      <Step
        title={said.live}
        done={isLive}
        lead={isLive ? said.isLive(version) : [said.liveLead, live && said.otherLive(live)].filter(Boolean).join(" ")}
      >
        {!isLive && mayMove && (
          <Button size="small" look="primary" onClick={() => setDialog("live")}>
            {said.liveAction}
          </Button>
        )}
      </Step>
      <Step title={said.type} lead={said.typeLead}>
        {mayMove && live && (
          <Button size="small" onClick={() => setDialog("type")}>
            {said.typeAction}
          </Button>
        )}
      </Step>
      <Step title={said.back} lead={said.backLead}>
        <Link
          to="/app/library/$kind/$entryId"
          params={{ kind: "loras", entryId: lora }}
          search={{ tab: "versions" }}
          className={buttonLook({ size: "small" })}
        >
          {said.backAction}
        </Link>
        <Link
          to="/app/library/$kind"
          params={{ kind: "asset-types" }}
          className={buttonLook({ size: "small", look: "quiet" })}
        >
          {said.backType}
        </Link>
      </Step>
      {!mayMove && <li className="text-soft">{said.mayLook}</li>}
      {dialog === "live" && (
        <MoveMark kind="loras" id={lora} name={lora} mark="live" version={version} onClose={() => setDialog(null)} />
      )}
      {dialog === "type" && (
        <LiveForType
          lora={lora}
          version={live ?? version}
          strength={strength}
          model={training.model}
          onClose={() => setDialog(null)}
        />
      )}
    </ol>
  );
}

interface StepProps {
  title: string;
  lead: string;
  done?: boolean;
  children?: ReactNode;
}

function Step({ title, lead, done, children }: StepProps) {
  return (
    <li className="grid gap-1.5 border-l-2 border-line pl-4 data-done:border-good" data-done={done || undefined}>
      <h3 className="flex items-center gap-2 font-semibold">
        {title}
        {done && <Badge tone="good">✓</Badge>}
      </h3>
      <p className="text-soft" dir="auto">
        {lead}
      </p>
      <div className="flex flex-wrap items-center gap-2 empty:hidden">{children}</div>
    </li>
  );
}
