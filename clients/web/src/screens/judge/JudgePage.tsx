import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { classes } from "@/parts/classes";
import { Page } from "@/parts/Page";
import { texts } from "@/texts";

const { places } = texts.judge;
const PLACES = [
  { to: "/app/judge", label: places.judge },
  { to: "/app/experiments", label: places.experiments },
  { to: "/app/compare-ways", label: places.compare },
  { to: "/app/champions", label: places.champions },
  { to: "/app/prompt-sets", label: places.promptSets },
] as const;

/** A screen about what is better, with the way to the others. */
export function JudgePage(page: ComponentProps<typeof Page>) {
  return (
    <>
      <nav
        aria-label={texts.judge.navigation}
        className={classes(
          "mx-auto flex w-full gap-1 overflow-x-auto px-3 pt-4 md:px-7",
          page.wide ? "max-w-[1600px]" : "max-w-5xl",
        )}
      >
        {PLACES.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ includeSearch: false }}
            className="flex min-h-8 items-center rounded-full px-3 text-[13px] whitespace-nowrap text-soft hover:bg-well hover:text-ink data-[status=active]:bg-well data-[status=active]:font-semibold data-[status=active]:text-ink"
          >
            {label}
          </Link>
        ))}
      </nav>
      <Page {...page} />
    </>
  );
}
