import type { LoraBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { versionsQuery } from "@/api/library";
import { Select } from "@/parts/Field";
import { texts } from "@/texts";
import { pinned, versionIn } from "../lora";

interface LoraVersionProps {
  lora: LoraBody;
  /** As the order names it, with a version or without one. */
  named: string;
  onChange: (named: string) => void;
}

/** Which version is drawn with, whichever is live; not there while there is one alone. */
export function LoraVersion({ lora, named, onChange }: LoraVersionProps) {
  const versions = useQuery(versionsQuery("loras", lora.id)).data?.versions ?? [];
  const said = texts.create.loras;
  if (versions.length < 2 && versionIn(named) === null) return null;
  return (
    <Select
      aria-label={said.version(lora.name)}
      className="w-auto py-0 text-xs"
      value={versionIn(named) ?? ""}
      onChange={(event) => onChange(pinned(lora.id, event.currentTarget.value || null))}
    >
      <option value="">{said.live(lora.version)}</option>
      {versions.map(({ version }) => (
        <option key={version} value={version}>
          {version}
        </option>
      ))}
    </Select>
  );
}
