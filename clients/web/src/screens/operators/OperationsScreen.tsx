import { Link, Outlet } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { Page } from "@/parts/Page";
import { Sections, sectionLook } from "@/parts/Sections";
import { Empty } from "@/parts/states";
import { useHasRole, useMe } from "@/session/me";
import { texts } from "@/texts";

const PARTS = [
  { to: "/app/operations", title: texts.operators.running.title, admin: false },
  { to: "/app/operations/people", title: texts.operators.people.title, admin: true },
  { to: "/app/operations/spaces", title: texts.operators.spaces.title, admin: true },
  { to: "/app/operations/quotas", title: texts.operators.quotas.title, admin: false },
  { to: "/app/operations/licences", title: texts.operators.licences.title, admin: false },
  { to: "/app/operations/audit", title: texts.operators.audit.title, admin: false },
] as const;

/** What operators and admins look after. */
export function OperationsScreen() {
  const isOperator = useHasRole("operator");
  const isAdmin = useMe()?.roles.includes("admin") ?? false;
  if (!isOperator) return <Forbidden />;
  return (
    <>
      <Sections label={texts.operators.sections}>
        {PARTS.filter((part) => isAdmin || !part.admin).map((part) => (
          <Link
            key={part.to}
            to={part.to}
            activeOptions={{ exact: part.to === "/app/operations", includeSearch: false }}
            className={sectionLook}
          >
            {part.title}
          </Link>
        ))}
      </Sections>
      <Outlet />
    </>
  );
}

function Forbidden() {
  return (
    <Page title={texts.operators.title}>
      <Empty icon={<Lock aria-hidden />} title={texts.problems.title(403)}>
        {texts.operators.forbidden}
      </Empty>
    </Page>
  );
}
