import type { LoraAdded } from "@openapi";
import { Link } from "@tanstack/react-router";
import { buttonLook } from "@/parts/Button";
import { texts } from "@/texts";
import { Fact, Facts } from "../content/Facts";

/** What the studio found in a LoRA when it tried it. */
export function LoraReport({ added: { entry, report, notes = [] } }: { added: LoraAdded }) {
  const said = texts.makers.lora;
  return (
    <div className="grid gap-6">
      <p role="status" className="rounded-lg bg-good-wash px-4 py-3 text-good">
        {texts.makers.form.saved(entry.id, entry.version)}
      </p>
      {notes.map((note) => (
        <p key={note} className="rounded-lg bg-warn-wash px-4 py-3 text-warn">
          {note}
        </p>
      ))}
      {report && (
        <section className="grid gap-4">
          <h2 className="text-[15px] font-semibold">{said.report}</h2>
          <Facts>
            <Fact label={said.family}>{report.family}</Fact>
            <Fact label={said.format}>{report.format}</Fact>
            <Fact label={said.made}>{report.made_for}</Fact>
            <Fact label={said.rank}>{String(report.rank)}</Fact>
            <Fact label={said.tensors}>{said.tensorsOf(report.matched, report.total)}</Fact>
            <Fact label={said.triggers}>{report.trigger_words.join(", ")}</Fact>
            <Fact label={said.tags}>{report.frequent_tags.join(", ")}</Fact>
            <Fact label={said.trials}>
              <ul>
                {report.trials.map((trial) => (
                  <li key={trial.model}>
                    {trial.model}: {said.trial(percent(trial.effect), percent(trial.prediction))}
                  </li>
                ))}
              </ul>
            </Fact>
          </Facts>
        </section>
      )}
      <Link
        to="/app/library/$kind/$entryId"
        params={{ kind: "loras", entryId: entry.id }}
        className={buttonLook({ look: "primary", className: "justify-self-start" })}
      >
        {said.look}
      </Link>
    </div>
  );
}

const percent = (share: number) => `${(100 * share).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
