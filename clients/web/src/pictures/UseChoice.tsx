import type { Purpose } from "@/api/images";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";

const USES: readonly Purpose[] = ["reference", "internal", "product"];

/** What pictures are taken for: their licences say more or less of it. */
export function UseChoice({ use, onChange }: { use: Purpose; onChange: (use: Purpose) => void }) {
  const said = texts.pictures.download;
  return (
    <div className="grid gap-1.5">
      <span className="text-[13px] font-semibold">{said.use}</span>
      <Segments
        label={said.use}
        value={use}
        onChange={onChange}
        choices={USES.map((value) => ({ value, label: said.uses[value] }))}
      />
      <span className="text-xs text-soft">{said.hints[use]}</span>
    </div>
  );
}
