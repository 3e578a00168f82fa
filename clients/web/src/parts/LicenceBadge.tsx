import type { LicenceBody, Uses } from "@openapi";
import { texts } from "@/texts";
import { Badge, type Tone } from "./Badge";

const TONE: Record<Uses["product"], Tone> = { allowed: "good", conditional: "warn", refused: "bad" };

/** The verdict for use in a product, in the notice's own words; the sentence comes with the pointer and for who listens. */
export function LicenceBadge({ licence }: { licence: LicenceBody }) {
  return (
    <Badge tone={TONE[licence.product]} title={licence.notice.sentence}>
      <span className="sr-only">{texts.licences.badge}: </span>
      {licence.notice.label}
    </Badge>
  );
}
