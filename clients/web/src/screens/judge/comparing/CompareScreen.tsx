import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Columns2, Plus } from "lucide-react";
import { comparisonsQuery } from "@/api/comparisons";
import { buttonLook } from "@/parts/Button";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";
import { JudgePage } from "../JudgePage";
import { ComparisonList } from "./ComparisonList";

/** One's own comparisons, the newest first. */
export function CompareScreen() {
  const words = texts.judge.comparing;
  const comparisons = useQuery(comparisonsQuery);
  const mayCompare = useHasRole("designer", "evaluator");
  const add = mayCompare && (
    <Link to="/app/compare-ways/new" className={buttonLook({ look: "primary" })}>
      <Plus className="size-4" aria-hidden />
      {words.add}
    </Link>
  );
  return (
    <JudgePage title={words.title} lead={words.lead} actions={comparisons.data?.length ? add : null}>
      {comparisons.error && !comparisons.data ? (
        <Failed error={comparisons.error} onRetry={comparisons.refetch} />
      ) : !comparisons.data ? (
        <Loading>
          <Skeleton className="h-17" />
          <Skeleton className="h-17" />
        </Loading>
      ) : comparisons.data.length === 0 ? (
        <Empty icon={<Columns2 aria-hidden />} title={words.none} action={add}>
          {words.noneLead}
        </Empty>
      ) : (
        <ComparisonList comparisons={comparisons.data} />
      )}
    </JudgePage>
  );
}
