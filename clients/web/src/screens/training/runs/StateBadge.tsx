import type { TrainingBody } from "@openapi";
import { Badge, type Tone } from "@/parts/Badge";
import { texts } from "@/texts";

const TONES: Partial<Record<TrainingBody["state"], Tone>> = {
  training: "accent",
  judging: "accent",
  paused: "warn",
  complete: "good",
  failed: "bad",
};

export function StateBadge({ state }: { state: TrainingBody["state"] }) {
  return <Badge tone={TONES[state] ?? "plain"}>{texts.training.states[state] ?? state}</Badge>;
}
