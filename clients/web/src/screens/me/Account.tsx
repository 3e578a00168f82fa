import type { MeBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { spacesQuery } from "@/api/spaces";
import { Badge } from "@/parts/Badge";
import { Section } from "@/parts/Section";
import { ledBy } from "@/screens/spaces/led";
import { texts } from "@/texts";

/** The space that is nobody's team. */
const HOME = "home";

export function Account({ me }: { me: MeBody }) {
  const spaces = useQuery(spacesQuery).data?.spaces ?? [];
  const own = me.spaces.filter((id) => id !== HOME);
  const nameOf = (id: string) => spaces.find((space) => space.id === id)?.name || id;
  return (
    <Section title={texts.me.account.title} lead={texts.me.account.lead}>
      <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <Fact label={texts.me.account.name}>{me.name}</Fact>
        <Fact label={texts.me.account.id}>
          <span className="font-mono text-[13px] break-all">{me.id}</span>
        </Fact>
        <Fact label={texts.me.account.how}>{texts.me.account.by[me.how]}</Fact>
        <Fact label={texts.me.account.spaces}>
          {own.length === 0 ? texts.me.account.noSpaces : own.map(nameOf).join(", ")}
          {ledBy(me.id, spaces).length > 0 && (
            <Link to="/app/spaces" className="block text-[13px] text-accent underline-offset-2 hover:underline">
              {texts.me.account.lookAfter}
            </Link>
          )}
        </Fact>
        <div className="grid gap-1.5 sm:col-span-2">
          <dt className="text-xs text-soft">{texts.me.account.roles}</dt>
          <dd>
            {me.roles.length === 0 && texts.me.account.noRoles}
            <ul className="grid gap-1.5">
              {me.roles.map((role) => (
                <li key={role} className="flex flex-wrap items-baseline gap-x-2.5">
                  <Badge tone="accent">{texts.me.roles[role]}</Badge>
                  <span className="text-[13px] text-soft">{texts.me.roleMeans[role]}</span>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid min-w-0 content-start gap-0.5">
      <dt className="text-xs text-soft">{label}</dt>
      <dd className="break-words" dir="auto">
        {children}
      </dd>
    </div>
  );
}
