import { useQuery, useQueryClient } from "@tanstack/react-query";
import { spaceNamesQuery } from "@/api/spaceNames";
import { chooseSpace, useSpace } from "@/app/space";
import { Select } from "@/parts/Field";
import { useMe } from "@/session/me";
import { texts } from "@/texts";

/** The team that one works for. Not there for who is in one alone. */
export function SpaceChoice() {
  const client = useQueryClient();
  const me = useMe();
  const chosen = useSpace();
  const several = me !== undefined && me.spaces.length > 1;
  const names = useQuery({ ...spaceNamesQuery, enabled: several }).data;
  if (!several) return null;
  const choose = (id: string) => {
    chooseSpace(id === me.space ? null : id);
    client.invalidateQueries();
  };
  return (
    <Select
      aria-label={texts.shell.space}
      value={chosen ?? me.space}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {me.spaces.map((id) => (
        <option key={id} value={id}>
          {names?.get(id) ?? id}
        </option>
      ))}
    </Select>
  );
}
