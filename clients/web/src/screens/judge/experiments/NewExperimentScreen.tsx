import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { experimentEntryQuery } from "@/api/experiments";
import { Failed, Loading } from "@/parts/states";
import { texts } from "@/texts";
import { JudgePage } from "../JudgePage";
import { draftOf, EMPTY, nextOf, withLora } from "./draft";
import { ExperimentForm } from "./ExperimentForm";

/** A new experiment; or, with an id in the address, the next version of one, which begins as the newest. */
export function NewExperimentScreen() {
  const words = texts.judge.newExperiment;
  const { id, lora, strength } = useSearch({ from: "/studio/app/experiments/new" });
  if (id) return <NextVersion key={id} id={id} />;
  return (
    <JudgePage title={words.title} lead={words.lead}>
      <ExperimentForm start={lora ? withLora(lora, strength) : EMPTY} />
    </JudgePage>
  );
}

function NextVersion({ id }: { id: string }) {
  const words = texts.judge.newExperiment;
  const entry = useQuery(experimentEntryQuery(id));
  return (
    <JudgePage title={words.versionTitle(id)} lead={words.versionLead}>
      {entry.error && <Failed error={entry.error} onRetry={() => entry.refetch()} />}
      {entry.isPending && <Loading />}
      {entry.data && <ExperimentForm start={draftOf(entry.data)} next={nextOf(entry.data)} />}
    </JudgePage>
  );
}
