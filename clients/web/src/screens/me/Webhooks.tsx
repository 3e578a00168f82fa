import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { webhooksQuery } from "@/api/webhooks";
import { Badge } from "@/parts/Badge";
import { buttonLook } from "@/parts/Button";
import { Section } from "@/parts/Section";
import { useHasRole } from "@/session/me";
import { texts } from "@/texts";

/** The way to one's webhooks; says here already that one is told nothing any more. */
export function Webhooks() {
  const said = texts.webhooks;
  const may = useHasRole("designer", "evaluator", "brand_engineer");
  const webhooks = useQuery({ ...webhooksQuery, enabled: may }).data?.webhooks;
  if (!may) return null;
  const off = webhooks?.filter((one) => !one.enabled && one.disabled_reason !== "asked").length ?? 0;
  return (
    <Section title={said.title} lead={said.section}>
      <div className="flex flex-wrap items-center gap-3">
        <Link to="/app/me/webhooks" className={buttonLook({})}>
          {said.open}
        </Link>
        {off > 0 && <Badge tone="bad">{said.off(off)}</Badge>}
      </div>
    </Section>
  );
}
