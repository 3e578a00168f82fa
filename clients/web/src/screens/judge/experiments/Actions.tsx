import type { ExperimentBody } from "@openapi";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import {
  beginPhase,
  exposeExperiment,
  pauseExperiment,
  resumeExperiment,
  startExperiment,
  stopExperiment,
} from "@/api/experiments";
import { Button } from "@/parts/Button";
import { Field, Select, Slider } from "@/parts/Field";
import { Menu, MenuItem, MenuSeparator } from "@/parts/Menu";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { percent } from "../numbers";
import { ReasonDialog } from "../ReasonDialog";
import { ImportVotes } from "./ImportVotes";

type Action = "start" | "pause" | "resume" | "expose" | "phase" | "stop";

const LEAD = {
  start: "startLead",
  pause: "pauseLead",
  resume: "resumeLead",
  expose: "exposeLead",
  phase: "phaseLead",
  stop: "stopLead",
} as const satisfies Record<Action, string>;

/** What can be done with an experiment as it stands, each with a reason. */
export function Actions({ experiment }: { experiment: ExperimentBody }) {
  const words = texts.judge.experiments.actions;
  const [action, setAction] = useState<Action | null>(null);
  const [importing, setImporting] = useState(false);
  const navigate = useNavigate();
  const { state } = experiment;
  const first: Action | null = state === "ready" ? "start" : state === "running" ? "pause" : "resume";
  const begun = state === "running" || state === "paused";
  return (
    <>
      {state !== "stopped" && (
        <Button look={state === "ready" ? "primary" : "plain"} onClick={() => setAction(first)}>
          {words[first]}
        </Button>
      )}
      <Menu
        trigger={
          <Button size="icon" className="size-9" aria-label={words.more}>
            <Ellipsis className="size-4" aria-hidden />
          </Button>
        }
      >
        {begun && <MenuItem onSelect={() => setAction("expose")}>{words.expose}</MenuItem>}
        {begun && <MenuItem onSelect={() => setAction("phase")}>{words.phase}</MenuItem>}
        {state !== "ready" && <MenuItem onSelect={() => setImporting(true)}>{words.import}</MenuItem>}
        <MenuItem onSelect={() => navigate({ to: "/app/experiments/new", search: { id: experiment.id } })}>
          {words.version}
        </MenuItem>
        {begun && <MenuSeparator />}
        {begun && (
          <MenuItem danger onSelect={() => setAction("stop")}>
            {words.stop}
          </MenuItem>
        )}
      </Menu>
      {importing && <ImportVotes id={experiment.id} onClose={() => setImporting(false)} />}
      {action && <ActionDialog action={action} experiment={experiment} onClose={() => setAction(null)} />}
    </>
  );
}

interface ActionDialogProps {
  action: Action;
  experiment: ExperimentBody;
  onClose: () => void;
}

function ActionDialog({ action, experiment, onClose }: ActionDialogProps) {
  const words = texts.judge.experiments.actions;
  const client = useQueryClient();
  const [exposure, setExposure] = useState(action === "start" ? experiment.definition.exposure : experiment.exposure);
  const [decision, setDecision] = useState("");
  const { id, definition } = experiment;

  function act(reason: string): Promise<ExperimentBody> {
    if (action === "start") return startExperiment(id, { reason, exposure });
    if (action === "phase") return beginPhase(id, { reason, exposure });
    if (action === "pause") return pauseExperiment(id, reason);
    if (action === "resume") return resumeExperiment(id, reason);
    if (action === "expose") return exposeExperiment(id, exposure, reason);
    return stopExperiment(id, { reason, decision: decision || null });
  }

  async function confirm(reason: string) {
    const now = await act(reason);
    client.setQueryData(["experiment", id], now);
    await client.invalidateQueries({ queryKey: ["experiment", id] });
    await client.invalidateQueries({ queryKey: ["experiments"] });
    toast(words.done[action]);
  }

  const exposes = action === "expose" || ((action === "start" || action === "phase") && definition.mode !== "replay");
  return (
    <ReasonDialog
      title={words[action]}
      lead={words[LEAD[action]]}
      confirm={words[action]}
      danger={action === "stop"}
      onClose={onClose}
      onConfirm={confirm}
    >
      {exposes && (
        <Field label={words.exposureLabel}>
          {(given) => (
            <Slider
              {...given}
              min={0}
              max={1}
              step={0.05}
              value={exposure}
              onChange={setExposure}
              shown={percent(exposure)}
            />
          )}
        </Field>
      )}
      {action === "stop" && (
        <Field label={words.decision}>
          {(given) => (
            <Select {...given} value={decision} onChange={(event) => setDecision(event.currentTarget.value)}>
              <option value="">{words.undecided}</option>
              {experiment.arms.map((arm) => (
                <option key={arm.id} value={`prefer:${arm.id}`}>
                  {words.prefer(arm.id)}
                </option>
              ))}
              <option value="equal">{words.equal}</option>
            </Select>
          )}
        </Field>
      )}
    </ReasonDialog>
  );
}
