import { useQuery } from "@tanstack/react-query";
import { ownQuotaQuery } from "@/api/quotas";
import { QuotaBars } from "@/parts/QuotaBars";
import { Section } from "@/parts/Section";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

const HOME = "home";

export function OwnQuota() {
  const quota = useQuery(ownQuotaQuery);
  const shown = quota.data?.quotas.filter((one) => !(one.subject === "space" && one.id === HOME));
  return (
    <Section title={texts.me.quota.title} lead={texts.me.quota.lead}>
      {quota.isPending && (
        <Loading>
          <Skeleton className="h-10" />
        </Loading>
      )}
      {quota.error && <Failed error={quota.error} onRetry={() => quota.refetch()} />}
      <div className="grid gap-5">
        {shown?.map((one) => (
          <div key={one.subject + one.id} className="grid gap-2">
            {shown.length > 1 && (
              <h3 className="text-[13px] font-semibold" dir="auto">
                {texts.me.quota.of[one.subject]}
                {one.subject === "space" && ` ${one.id}`}
              </h3>
            )}
            <QuotaBars of={one} />
          </div>
        ))}
      </div>
    </Section>
  );
}
