import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { datasetsQuery } from "@/api/datasets";
import { trainingQuery } from "@/api/trainings";
import { Failed, Loading } from "@/parts/states";
import { texts } from "@/texts";
import { TrainingPage } from "../TrainingPage";
import { EMPTY, type OrderDraft } from "./draft";
import { OrderForm } from "./OrderForm";
import { filledFrom } from "./settings";

const said = texts.training.make;

/** A new training; or, with one in the address, another one like it. */
export function NewTrainingScreen() {
  const { dataset, like } = useSearch({ from: "/studio/app/training/new" });
  const datasets = useQuery(datasetsQuery);
  const other = useQuery({ ...trainingQuery(like ?? ""), enabled: like !== undefined, refetchInterval: false });
  const error = datasets.error ?? other.error;
  const isThere = datasets.data && (like === undefined || other.data);
  const start: OrderDraft = other.data
    ? {
        ...EMPTY,
        dataset: other.data.dataset,
        model: other.data.model,
        lora: other.data.lora,
        settings: filledFrom(other.data.settings, {}),
      }
    : { ...EMPTY, dataset: dataset ?? "", lora: dataset?.split("@")[0] ?? "" };
  return (
    <TrainingPage of="trainings" title={said.title} lead={said.lead}>
      {error && !isThere && <Failed error={error} onRetry={() => datasets.refetch()} />}
      {!error && !isThere && <Loading />}
      {isThere && <OrderForm key={`${dataset}/${like}`} start={start} datasets={datasets.data?.datasets ?? []} />}
    </TrainingPage>
  );
}
