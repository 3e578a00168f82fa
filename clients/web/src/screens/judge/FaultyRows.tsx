import type { ErrorDetail } from "@openapi";
import { texts } from "@/texts";
import { DataTable } from "./DataTable";

/** Lines of a file that cannot be read: nothing of it was taken in. */
export function FaultyRows({ rows }: { rows: NonNullable<ErrorDetail["rows"]> }) {
  const words = texts.judge.promptSets;
  return (
    <div role="alert" className="grid gap-2">
      <p className="font-semibold text-bad">{words.faults(rows.length)}</p>
      <p className="text-[13px] text-soft">{words.nothingTaken}</p>
      <DataTable
        caption={words.wrong}
        quiet
        rows={rows}
        keyOf={(row) => `${row.line} ${row.field} ${row.message}`}
        columns={[
          { head: words.line, number: true, cell: (row) => row.line },
          { head: words.field, cell: (row) => row.field ?? "" },
          { head: words.wrong, cell: (row) => row.message },
        ]}
      />
    </div>
  );
}
