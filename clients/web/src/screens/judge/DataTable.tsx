import type { ReactNode } from "react";
import { classes } from "@/parts/classes";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand below each other at the right. */
  number?: boolean;
}

interface DataTableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** The caption is shown by a heading already. */
  quiet?: boolean;
}

/** Rows of facts; wider than a phone, it is moved sideways by itself. */
export function DataTable<T>({ caption, columns, rows, keyOf, quiet }: DataTableProps<T>) {
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reached by keyboard, too
      tabIndex={0}
      className="relative min-w-0 overflow-x-auto rounded-lg"
    >
      <table className="w-full border-collapse text-[13px]">
        <caption className={quiet ? "sr-only" : "pb-2 text-left text-sm font-semibold"}>{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-soft">
            {columns.map(({ head, number }) => (
              <th
                key={head}
                scope="col"
                className={classes("py-1.5 pr-5 font-medium whitespace-nowrap last:pr-0", number && "text-right")}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b border-line last:border-0">
              {columns.map(({ head, cell, number }) => (
                <td
                  key={head}
                  className={classes("py-2 pr-5 align-top last:pr-0", number && "text-right tabular-nums")}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
