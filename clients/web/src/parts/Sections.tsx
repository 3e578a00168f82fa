import type { ReactNode } from "react";

/** The parts of a place that has several screens, above each of them; the children are links (`sectionLook`). */
export function Sections({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="border-b border-line">
      <div className="mx-auto flex w-full max-w-5xl gap-1 overflow-x-auto px-3 pt-3 md:px-7">{children}</div>
    </nav>
  );
}

export const sectionLook =
  "-mb-px grid min-h-9 content-center border-b-2 border-transparent px-3 text-sm whitespace-nowrap text-soft hover:text-ink data-[status=active]:border-accent data-[status=active]:font-semibold data-[status=active]:text-ink";
