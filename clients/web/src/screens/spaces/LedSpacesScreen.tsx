import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { spacesQuery } from "@/api/spaces";
import { Page } from "@/parts/Page";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { Space } from "@/screens/operators/spaces/Space";
import { useMe } from "@/session/me";
import { texts } from "@/texts";
import { ledBy } from "./led";

/** The teams that somebody leads: who is in them, and what is drawn with in them. No admin is needed for that. */
export function LedSpacesScreen() {
  const said = texts.operators.spaces;
  const me = useMe();
  const spaces = useQuery(spacesQuery);
  const led = spaces.data && me && ledBy(me.id, spaces.data.spaces);
  return (
    <Page title={said.ledTitle} lead={said.ledLead}>
      {spaces.isPending && (
        <Loading>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </Loading>
      )}
      {spaces.error && <Failed error={spaces.error} onRetry={() => spaces.refetch()} />}
      {led?.length === 0 && (
        <Empty icon={<Users aria-hidden />} title={said.leadsNoneTitle}>
          {said.leadsNone}
        </Empty>
      )}
      <ul className="grid gap-3">
        {led?.map((space) => (
          <Space key={space.id} of={space} />
        ))}
      </ul>
    </Page>
  );
}
