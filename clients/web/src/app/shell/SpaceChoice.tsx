import { chooseSpace, useSpace } from "@/app/space";
import { Select } from "@/parts/Field";
import { useMe } from "@/session/me";
import { texts } from "@/texts";

/** Whose work is made and shown: one's own, or a team's. Not there for who is in no team. */
export function SpaceChoice() {
  const me = useMe();
  const space = useSpace();
  if (!me || me.spaces.length === 0) return null;
  return (
    <Select
      aria-label={texts.shell.space}
      value={space ?? ""}
      onChange={(event) => chooseSpace(event.currentTarget.value || null)}
    >
      <option value="">{texts.shell.ownSpace}</option>
      {me.spaces.map((id) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </Select>
  );
}
