import type { AssetTypesBody, ChampionBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { assetTypesQuery } from "@/api/catalogue";
import { championsQuery } from "@/api/experiments";
import { Badge } from "@/parts/Badge";
import { dayOf } from "@/parts/dates";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { JudgePage } from "../JudgePage";
import { percent } from "../numbers";
import { inWords } from "../overlay";
import { ChampionSheet } from "./ChampionSheet";

/** What was promoted where: asset types down, qualities across. */
export function ChampionsScreen() {
  const words = texts.judge.champions;
  const champions = useQuery(championsQuery);
  const catalogue = useQuery(assetTypesQuery);
  const { type, quality } = useSearch({ from: "/studio/app/champions" });
  const navigate = useNavigate({ from: "/app/champions" });
  const open = (key?: { type: string; quality: string }) => void navigate({ search: key ?? {}, replace: !key });
  const error = (!champions.data && champions.error) || (!catalogue.data && catalogue.error);
  const known = champions.data?.champions ?? [];
  return (
    <JudgePage title={words.title} lead={words.lead}>
      {error ? (
        <Failed error={error} onRetry={() => Promise.all([champions.refetch(), catalogue.refetch()])} />
      ) : !champions.data || !catalogue.data ? (
        <Loading>
          <Skeleton className="h-72" />
        </Loading>
      ) : (
        <Board catalogue={catalogue.data} champions={known} onOpen={open} />
      )}
      {champions.data?.notes.map((note) => (
        <p key={note} className="mt-3 text-[13px] text-warn">
          {note}
        </p>
      ))}
      {type && quality && champions.data && (
        <ChampionSheet
          type={type}
          quality={quality}
          champion={known.find((one) => one.asset_type === type && one.quality === quality) ?? null}
          onClose={() => open()}
        />
      )}
    </JudgePage>
  );
}

interface BoardProps {
  catalogue: AssetTypesBody;
  champions: readonly ChampionBody[];
  onOpen: (key: { type: string; quality: string }) => void;
}

function Board({ catalogue, champions, onOpen }: BoardProps) {
  const words = texts.judge.champions;
  const found = new Map(champions.map((one) => [`${one.asset_type} ${one.quality}`, one]));
  return (
    <section
      aria-label={words.title}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reached by keyboard, too
      tabIndex={0}
      className="relative overflow-x-auto rounded-xl border border-line bg-sheet"
    >
      <table className="w-full border-collapse text-[13px]">
        <thead>
          <tr className="border-b border-line text-left text-xs text-soft">
            <th scope="col" className="px-4 py-2 font-medium">
              {words.type}
            </th>
            {catalogue.qualities.map((one) => (
              <th key={one.id} scope="col" className="px-3 py-2 font-medium">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {catalogue.asset_types.map((type) => (
            <tr key={type.id} className="border-b border-line last:border-0">
              <th scope="row" className="px-4 py-2 text-left font-semibold whitespace-nowrap">
                {type.name}
              </th>
              {catalogue.qualities.map((one) => (
                <td key={one.id} className="p-1 align-top">
                  <Cell
                    champion={found.get(`${type.id} ${one.id}`)}
                    label={words.open(type.name, one.name)}
                    onPress={() => onOpen({ type: type.id, quality: one.id })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CellProps {
  champion: ChampionBody | undefined;
  label: string;
  onPress: () => void;
}

function Cell({ champion, label, onPress }: CellProps) {
  const words = texts.judge.champions;
  const reigns = champion && inWords(champion.overlay) !== texts.judge.overlay.nothing;
  return (
    <button
      type="button"
      onClick={onPress}
      className="grid min-h-11 w-full min-w-32 content-start justify-items-start gap-1 rounded-lg px-2 py-1.5 text-left hover:bg-well"
    >
      <span className="sr-only">{label}: </span>
      <span className={reigns ? "font-medium" : "text-soft"}>
        {reigns ? inWords(champion.overlay) : words.asConfigured}
      </span>
      {champion?.canary && (
        <Badge tone={champion.canary.paused ? "warn" : "accent"}>
          {words.canary(percent(champion.canary.share))}
          {champion.canary.paused && `, ${words.paused}`}
        </Badge>
      )}
      {reigns && champion.at && <span className="text-xs text-soft">{dayOf(champion.at)}</span>}
    </button>
  );
}
