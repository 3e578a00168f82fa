import type { Deployment } from "@/api/operations";
import { Badge, type Tone } from "@/parts/Badge";
import { minuteOf } from "@/parts/dates";
import { texts } from "@/texts";

const TONES: Record<string, Tone> = {
  healthy: "good",
  running: "good",
  unhealthy: "bad",
  starting: "warn",
  updating: "warn",
};

/** Replicas of each deployment, and where they are. */
export function Deployments({ deployments }: { deployments: readonly Deployment[] | null }) {
  const said = texts.operators.running;
  if (deployments === null) return <p className="text-warn">{said.deploymentsUnknown}</p>;
  if (deployments.length === 0) return <p className="text-soft">{said.none}</p>;
  return (
    <ul className="divide-y divide-line">
      {deployments.map((one) => {
        const running = one.replicas.filter((replica) => replica.state === "running").length;
        return (
          <li key={one.name} className="py-3 first:pt-0">
            <details>
              <summary className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
                <span className="font-medium break-all">{one.name}</span>
                <Badge tone={TONES[one.status] ?? "plain"}>{one.status}</Badge>
                <span className="ml-auto text-[13px] text-soft">
                  {said.replicas(running, one.target_replicas)} · {said.reserves(one.gpus, one.cpus)}
                </span>
              </summary>
              {one.detail && <p className="mt-1 text-[13px] break-words text-warn">{one.detail}</p>}
              <ul className="mt-2 grid gap-1.5 text-[13px]">
                {one.replicas.map((replica) => (
                  <li key={replica.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <code className="break-all">{replica.id}</code>
                    <Badge tone={TONES[replica.state] ?? "plain"}>{replica.state}</Badge>
                    <span className="text-soft">
                      {replica.node ?? said.oneProcess}
                      {replica.since && ` · ${texts.operators.licences.since} ${minuteOf(replica.since)}`}
                    </span>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        );
      })}
    </ul>
  );
}
