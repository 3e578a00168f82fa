import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { facetsQuery, type Question } from "@/api/images";
import { useSpace } from "@/app/space";
import { classes } from "@/parts/classes";
import { Checkbox, Group } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { Refusal, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { type FacetName, toggled, type WorkSearch } from "./search";

interface FiltersProps {
  search: WorkSearch;
  question: Question;
  onChange: (search: WorkSearch) => void;
}

const FACETS: readonly FacetName[] = [
  "asset_type",
  "month",
  "tag",
  "model",
  "lora",
  "product",
  "quality",
  "licence",
  "kind",
];

/** What the pictures can be narrowed by, each value with how many there are of it. */
export function Filters({ search, question, onChange }: FiltersProps) {
  const said = texts.work;
  const space = useSpace();
  const facets = useQuery(facetsQuery(question));
  return (
    <div className="grid gap-6">
      {space === null && (
        <Segments
          label={said.whose}
          value={search.whose ?? "mine"}
          onChange={(whose) => onChange({ ...search, whose: whose === "all" ? "all" : undefined })}
          choices={(["mine", "all"] as const).map((value) => ({ value, label: said.whoseChoices[value] }))}
        />
      )}
      <Checkbox
        label={said.favourites}
        checked={search.favourite ?? false}
        onChange={(event) => onChange({ ...search, favourite: event.currentTarget.checked || undefined })}
      />
      <Colours colour={search.colour} onChange={(colour) => onChange({ ...search, colour })} />
      {facets.isPending && <Skeleton className="h-48" />}
      <Refusal error={facets.error} onRetry={() => facets.refetch()} />
      {facets.data &&
        FACETS.map((facet) => (
          <Facet
            key={facet}
            facet={facet}
            values={facets.data.facets[facet] ?? []}
            chosen={facet === "tag" ? (search.tag ?? []) : [search[facet]].flatMap((one) => one ?? [])}
            onToggle={(value) => onChange(toggled(search, facet, value))}
          />
        ))}
    </div>
  );
}

interface FacetProps {
  facet: FacetName;
  values: readonly { value: string; pictures: number }[];
  chosen: readonly string[];
  onToggle: (value: string) => void;
}

const FEW = 6;

function Facet({ facet, values, chosen, onToggle }: FacetProps) {
  const said = texts.work;
  const [whole, setWhole] = useState(false);
  if (values.length === 0 || (values.length === 1 && chosen.length === 0 && facet !== "tag")) return null;
  const shown = whole ? values : values.filter((one, place) => place < FEW || chosen.includes(one.value));
  const hidden = values.length - shown.length;
  return (
    <Group label={said.facets[facet]}>
      <div className="-mx-2 grid">
        {shown.map(({ value, pictures }) => {
          const on = chosen.includes(value);
          return (
            <button
              key={value}
              type="button"
              aria-pressed={on}
              onClick={() => onToggle(value)}
              className={classes(
                "flex min-h-7.5 items-center justify-between gap-3 rounded-md px-2 text-left text-[13px] hover:bg-well",
                on && "bg-wash font-semibold text-accent",
              )}
            >
              <span className="truncate" dir="auto">
                {said.values[value] ?? value.replaceAll("_", " ")}
              </span>
              <span className="text-xs font-normal text-soft tabular-nums">{pictures.toLocaleString("en")}</span>
            </button>
          );
        })}
        {(hidden > 0 || whole) && values.length > FEW && (
          <button
            type="button"
            className="min-h-7.5 rounded-md px-2 text-left text-xs text-soft hover:bg-well hover:text-ink"
            aria-expanded={whole}
            onClick={() => setWhole(!whole)}
          >
            {whole ? said.fewerValues : said.moreValues(hidden)}
          </button>
        )}
      </div>
    </Group>
  );
}

function Colours({ colour, onChange }: { colour: string | undefined; onChange: (colour: string | undefined) => void }) {
  const said = texts.work;
  return (
    <Group label={said.facets.colour}>
      <div className="flex flex-wrap gap-1.5">
        {Object.entries(said.colours).map(([value, name]) => (
          <button
            key={value}
            type="button"
            aria-label={name}
            title={name}
            aria-pressed={colour === value}
            onClick={() => onChange(colour === value ? undefined : value)}
            className="size-6 rounded-full border border-edge aria-pressed:outline-2 aria-pressed:outline-offset-2 aria-pressed:outline-accent"
            style={{ backgroundColor: `#${value}` }}
          />
        ))}
        <input
          type="color"
          aria-label={said.otherColour}
          title={said.otherColour}
          value={`#${colour ?? "a93d1a"}`}
          onChange={(event) => onChange(event.currentTarget.value.slice(1))}
          className="size-6 cursor-pointer rounded-full border border-edge bg-sheet p-0.5"
        />
      </div>
    </Group>
  );
}
