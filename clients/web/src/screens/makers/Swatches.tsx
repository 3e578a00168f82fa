import { useQuery } from "@tanstack/react-query";
import { brandKitsQuery } from "@/api/catalogue";

/** The palette of a live kit at a glance. */
export function Swatches({ kit }: { kit: string }) {
  const palette = useQuery(brandKitsQuery).data?.brand_kits.find((one) => one.id === kit)?.palette ?? [];
  return (
    <span aria-hidden className="flex overflow-hidden rounded-full border border-line">
      {palette.slice(0, 8).map((entry) => (
        <span key={entry.colour} className="size-5" style={{ background: entry.colour }} />
      ))}
    </span>
  );
}
