import { type ReactNode, useEffect } from "react";
import { texts } from "@/texts";
import { classes } from "./classes";

interface PageProps {
  title: string;
  /** One sentence below the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** The whole width, for grids of pictures; otherwise a column that is good to read. */
  wide?: boolean;
  children: ReactNode;
}

/** A screen: its title, here and in the tab, what can be done with it, and what it shows. */
export function Page({ title, lead, actions, wide, children }: PageProps) {
  useTitle(title);
  return (
    <div className={classes("mx-auto w-full px-4 py-6 md:px-8", wide ? "max-w-[1600px]" : "max-w-5xl")}>
      <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h1 className="font-serif text-2xl font-semibold">{title}</h1>
          {lead && <p className="mt-1 text-soft">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** What the tab is called while this is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${texts.common.studio}`;
  }, [title]);
}
