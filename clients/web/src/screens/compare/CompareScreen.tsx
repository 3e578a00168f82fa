import { useQueries } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { imageQuery } from "@/api/images";
import { buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { ComparisonView } from "./ComparisonView";

/** Up to four pictures against each other: the same part of all of them, at the same size, at once. */
export function CompareScreen() {
  const said = texts.work.compare;
  return (
    <Page title={said.title} lead={said.lead} wide>
      <Read />
    </Page>
  );
}

function Read() {
  const search = useSearch({ from: "/studio/app/compare" });
  const read = useQueries({ queries: search.ids.map((id) => imageQuery(id)) });
  const images = read.flatMap((one) => (one.data ? [one.data] : []));
  const failed = read.find((one) => one.error);
  if (search.ids.length < 2) return <None />;
  if (read.some((one) => one.isPending))
    return (
      <Loading>
        <Skeleton className="h-[60vh]" />
      </Loading>
    );
  if (images.length < 2) return <Failed error={failed?.error} onRetry={() => failed?.refetch()} />;
  return <ComparisonView search={search} images={images} />;
}

function None() {
  const said = texts.work.compare;
  return (
    <Empty
      icon={<GitCompareArrows aria-hidden />}
      title={said.none}
      action={
        <Link to="/app/work" className={buttonLook({ look: "primary" })}>
          {said.noneAction}
        </Link>
      }
    >
      {said.noneLead}
    </Empty>
  );
}
