import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useRef } from "react";
import { at } from "@/api/root";
import { useMe } from "@/session/me";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { belongs, PLACES, type Place } from "./places";
import { RunningJobs } from "./RunningJobs";
import { SpaceChoice } from "./SpaceChoice";

function usePlaces(): readonly Place[] {
  const me = useMe();
  if (!me) return PLACES.filter((place) => place.roles === null);
  return PLACES.filter(
    ({ roles }) => roles === null || me.roles.some((role) => role === "admin" || roles.includes(role)),
  );
}

/** Says of a link whether it leads to where one is, as its attributes. */
function useCurrent(): (place: Place) => { "aria-current": "page" | undefined; activeProps: object } {
  const path = useLocation({ select: (location) => location.pathname });
  return (place) => ({ "aria-current": belongs(path, place) ? "page" : undefined, activeProps: {} });
}

const ITEM =
  "flex min-h-9 items-center gap-3 rounded-lg px-3 text-soft hover:bg-well hover:text-ink aria-[current=page]:bg-wash aria-[current=page]:font-semibold aria-[current=page]:text-accent";

/** The places of the studio, at the left of a wide window. */
export function SideBar() {
  const places = usePlaces();
  const current = useCurrent();
  return (
    <header className="sticky top-0 hidden h-dvh flex-col gap-4 overflow-y-auto border-r border-line bg-sheet px-3 py-4 md:flex">
      <Link to="/" className="flex items-center gap-2.5 px-2 font-serif text-lg font-semibold">
        <img src={at("mark.svg")} alt="" width={24} height={24} />
        {texts.common.studio}
      </Link>
      <SpaceChoice />
      <nav aria-label={texts.shell.navigation} className="grid gap-0.5">
        {places.map((place) => (
          <Link key={place.to} to={place.to} className={ITEM} {...current(place)}>
            <place.icon className="size-4.5" aria-hidden />
            {place.label}
          </Link>
        ))}
      </nav>
      {places.map((place) => (
        <GoTo key={place.to} place={place} />
      ))}
      <div className="mt-auto grid gap-2">
        <RunningJobs />
        <a href={at("docs")} className="px-3 text-xs text-soft hover:text-ink hover:underline">
          {texts.shell.api}
        </a>
      </div>
    </header>
  );
}

function GoTo({ place }: { place: Place }) {
  const navigate = useNavigate();
  useShortcut(`g ${place.key}`, place.label, () => navigate({ to: place.to }));
  return null;
}

const TAB =
  "grid min-h-14 flex-1 place-items-center content-center gap-0.5 text-xs text-soft aria-[current=page]:font-semibold aria-[current=page]:text-accent";

/** The same places at the bottom of a phone, the rare ones in a menu. */
export function BottomBar() {
  const places = usePlaces();
  const current = useCurrent();
  const often = places.filter((place) => !place.rare);
  return (
    <nav
      aria-label={texts.shell.navigation}
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-sheet md:hidden"
    >
      {often.map((place) => (
        <Link key={place.to} to={place.to} className={TAB} {...current(place)}>
          <place.icon className="size-5" aria-hidden />
          {place.label}
        </Link>
      ))}
      <Rare places={places.filter((place) => place.rare)} current={current} />
    </nav>
  );
}

interface RareProps {
  places: readonly Place[];
  current: ReturnType<typeof useCurrent>;
}

/** Places that are seldom gone to, above a tab of their own. */
function Rare({ places, current }: RareProps) {
  const list = useRef<HTMLDivElement>(null);
  return (
    <>
      <button type="button" className={TAB} popoverTarget="places">
        <Ellipsis className="size-5" aria-hidden />
        {texts.shell.more}
      </button>
      <div
        id="places"
        ref={list}
        popover="auto"
        className="inset-auto right-2 bottom-16 min-w-48 rounded-xl border border-line bg-sheet p-1 text-ink shadow-sheet open:grid"
      >
        {places.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className={ITEM}
            onClick={() => list.current?.hidePopover()}
            {...current(place)}
          >
            <place.icon className="size-4.5" aria-hidden />
            {place.label}
          </Link>
        ))}
      </div>
    </>
  );
}
