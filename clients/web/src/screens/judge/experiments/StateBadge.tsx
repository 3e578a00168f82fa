import type { ExperimentBody } from "@openapi";
import { Badge, type Tone } from "@/parts/Badge";
import { texts } from "@/texts";

const TONE: Record<ExperimentBody["state"], Tone> = {
  ready: "plain",
  running: "good",
  paused: "warn",
  stopped: "plain",
};

export function StateBadge({ state }: { state: ExperimentBody["state"] }) {
  return <Badge tone={TONE[state]}>{texts.judge.experiments.state[state]}</Badge>;
}
