import type { Right } from "@/api/datasets";
import { Field, Group, Input } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { texts } from "@/texts";

const RIGHTS: readonly Right[] = ["own", "bought", "generated", "unknown"];
const said = texts.datasets;

interface RightFieldsProps {
  right: Right;
  source: string;
  error?: string | null;
  onChange: (part: { right?: Right; source?: string }) => void;
}

/** Whose pictures are, and where they come from. */
export function RightFields({ right, source, error, onChange }: RightFieldsProps) {
  return (
    <div className="grid items-start gap-4">
      <Group label={said.right} hint={said.rightHint} error={error ?? null} name="right">
        <Segments
          label={said.right}
          value={right}
          onChange={(now) => onChange({ right: now })}
          choices={RIGHTS.map((value) => ({ value, label: said.rights[value] }))}
        />
      </Group>
      <Field label={said.source} hint={said.sourceHint} name="source">
        {(given) => (
          <Input
            {...given}
            dir="auto"
            maxLength={500}
            value={source}
            onChange={(event) => onChange({ source: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}
