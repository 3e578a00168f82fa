import { type ReactNode, useId } from "react";

interface SectionProps {
  title: string;
  /** Of the address, after `#`. */
  anchor?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One matter of a long page: what it is about at the left, and the matter itself. */
export function Section({ title, anchor, lead, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section
      id={anchor}
      aria-labelledby={id}
      className="grid gap-x-10 gap-y-4 border-t border-line py-7 first:border-t-0 first:pt-0 md:grid-cols-[15rem_minmax(0,1fr)]"
    >
      <div className="grid content-start gap-1">
        <h2 id={id} className="text-[15px] font-semibold">
          {title}
        </h2>
        {lead && <p className="max-w-prose text-[13px] text-soft">{lead}</p>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
