import type { ReactNode } from "react";
import { texts } from "@/texts";

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-5">{children}</dl>;
}

/** A field of an entry and what it says; a stroke where it says nothing. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  const empty = children === "" || children === false || children === null || children === undefined;
  return (
    <div className="grid gap-1 md:grid-cols-[11rem_minmax(0,1fr)] md:gap-6">
      <dt className="text-[13px] text-soft">{label}</dt>
      <dd className="min-w-0 break-words" dir="auto">
        {empty ? <span className="text-soft">{texts.makers.none}</span> : children}
      </dd>
    </div>
  );
}
