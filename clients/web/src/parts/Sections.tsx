import type { ReactNode } from "react";
import { classes } from "./classes";

/** The parts of a place that has several screens, above each of them; the children are links (`sectionLook`).
 * `wide`: as wide as a wide page. */
export function Sections({
  label,
  wide,
  children,
}: {
  label: string;
  wide?: boolean | undefined;
  children: ReactNode;
}) {
  return (
    <nav aria-label={label} className="border-b border-line">
      <div
        className={classes(
          "mx-auto flex w-full gap-1 overflow-x-auto px-3 pt-3 md:px-7",
          wide ? "max-w-[1600px]" : "max-w-5xl",
        )}
      >
        {children}
      </div>
    </nav>
  );
}

export const sectionLook =
  "-mb-px grid min-h-9 content-center border-b-2 border-transparent px-3 text-sm whitespace-nowrap text-soft hover:text-ink data-[status=active]:border-accent data-[status=active]:font-semibold data-[status=active]:text-ink";
