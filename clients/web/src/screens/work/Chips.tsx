import { X } from "lucide-react";
import { Button } from "@/parts/Button";
import { texts } from "@/texts";
import { type Narrowing, narrowings, type WorkSearch } from "./search";

interface ChipsProps {
  search: WorkSearch;
  onChange: (search: WorkSearch) => void;
  onClear: () => void;
}

/** What narrows the pictures now; each can be taken away. */
export function Chips({ search, onChange, onClear }: ChipsProps) {
  const said = texts.work;
  const found = narrowings(search);
  if (found.length === 0) return null;
  return (
    <ul aria-label={said.narrowedBy} className="mb-4 flex flex-wrap items-center gap-1.5">
      {found.map((one) => (
        <li key={one.facet + one.value}>
          <button
            type="button"
            aria-label={said.without(`${said.facets[one.facet]} ${one.value}`)}
            onClick={() => onChange(one.without)}
            className="inline-flex min-h-7 max-w-72 items-center gap-1.5 rounded-full bg-wash px-2.5 text-[13px] text-accent hover:bg-well"
          >
            {one.facet === "colour" && (
              <span className="size-3.5 rounded-full border border-edge" style={{ backgroundColor: `#${one.value}` }} />
            )}
            <span className="truncate" dir="auto">
              {nameOf(one)}
            </span>
            <X className="size-3.5 shrink-0" aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <Button size="small" look="quiet" onClick={onClear}>
          {said.clear}
        </Button>
      </li>
    </ul>
  );
}

function nameOf({ facet, value }: Narrowing): string {
  const said = texts.work;
  if (facet === "favourite") return said.facets.favourite;
  if (facet === "colour") return said.colours[value] ?? `#${value}`;
  const name = said.values[value] ?? value.replaceAll("_", " ");
  return facet === "product" ? `${said.facets.product}: ${name}` : name;
}
