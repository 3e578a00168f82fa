import type { Question } from "@/api/images";

/** What the address says of a search. Words of a prompt are never in it: they go with the history's entry. */
export interface WorkSearch {
  asset_type?: string;
  quality?: string;
  model?: string;
  lora?: string;
  licence?: string;
  product?: Verdict;
  kind?: "drawn" | "uploaded";
  tag?: string[];
  /** As in 2026-11. */
  month?: string;
  /** Without the #. */
  colour?: string;
  favourite?: true;
  /** Of everybody whose work may be seen, and not only one's own. */
  whose?: "all";
  sort?: "oldest";
  deleted?: true;
}

type Verdict = "allowed" | "conditional" | "refused";

const VERDICTS: readonly unknown[] = ["allowed", "conditional", "refused"];
const text = (value: unknown) =>
  (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).slice(0, 200) : undefined;
const matching = (value: unknown, form: RegExp) => (form.test(String(value)) ? String(value) : undefined);
const yes = (value: unknown) => (value === true || value === "true" ? true : undefined);

/** Reads an address; what it cannot mean is left out. */
export function readSearch(raw: Record<string, unknown>): WorkSearch {
  const tags = (Array.isArray(raw.tag) ? raw.tag : [raw.tag]).flatMap((one) => text(one) ?? []).slice(0, 8);
  return {
    asset_type: text(raw.asset_type),
    quality: text(raw.quality),
    model: text(raw.model),
    lora: text(raw.lora),
    licence: text(raw.licence),
    product: VERDICTS.includes(raw.product) ? (raw.product as Verdict) : undefined,
    kind: raw.kind === "drawn" || raw.kind === "uploaded" ? raw.kind : undefined,
    tag: tags.length > 0 ? tags : undefined,
    month: matching(raw.month, /^\d{4}-(0[1-9]|1[0-2])$/),
    colour: matching(raw.colour, /^[0-9a-f]{6}$/i)?.toLowerCase(),
    favourite: yes(raw.favourite),
    whose: raw.whose === "all" ? "all" : undefined,
    sort: raw.sort === "oldest" ? "oldest" : undefined,
    deleted: yes(raw.deleted),
  };
}

/** Who looks: their own pictures are shown, or those of the space that this tab works for. */
export interface Looking {
  me: string | null;
  space: string | null;
}

/** What the studio is asked for. */
export function questionOf(search: WorkSearch, words: string, { me, space }: Looking): Question {
  const { month, whose, ...plain } = search;
  const mine = space === null && whose !== "all" && !search.deleted ? me : null;
  return dense({
    ...plain,
    ...(month ? { from: `${month}-01`, to: lastDay(month) } : {}),
    q: words.trim() || undefined,
    owner: mine ?? undefined,
    space: space ?? undefined,
  });
}

/** The last day of a month: 2026-02 → 2026-02-28. */
export function lastDay(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** Without what is undefined, so that equal questions have equal keys. */
function dense(question: Question): Question {
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined)) as Question;
}

export type FacetName = "asset_type" | "quality" | "model" | "lora" | "licence" | "product" | "kind" | "month" | "tag";

/** The search once a value of a facet was pressed: chosen, or no longer. Tags add up, of all else one counts. */
export function toggled(search: WorkSearch, facet: FacetName, value: string): WorkSearch {
  if (facet === "tag") {
    const tags = search.tag ?? [];
    const after = tags.includes(value) ? tags.filter((one) => one !== value) : [...tags, value];
    return { ...search, tag: after.length > 0 ? after : undefined };
  }
  return readSearch({ ...search, [facet]: search[facet] === value ? undefined : value });
}

/** One thing that narrows what is shown, with what the search is without it. */
export interface Narrowing {
  facet: FacetName | "colour" | "favourite";
  value: string;
  without: WorkSearch;
}

const SINGLE = ["asset_type", "quality", "model", "lora", "licence", "product", "kind", "month", "colour"] as const;

/** All that narrows what is shown, in the order of the panel. */
export function narrowings(search: WorkSearch): Narrowing[] {
  const found: Narrowing[] = SINGLE.flatMap((facet) => {
    const value = search[facet];
    return value === undefined ? [] : [{ facet, value, without: { ...search, [facet]: undefined } }];
  });
  for (const tag of search.tag ?? []) found.push({ facet: "tag", value: tag, without: toggled(search, "tag", tag) });
  if (search.favourite) found.push({ facet: "favourite", value: "", without: { ...search, favourite: undefined } });
  return found;
}
