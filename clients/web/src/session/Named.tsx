import { useQuery } from "@tanstack/react-query";
import { nameQuery } from "@/api/names";

/** Somebody by the name that people know; their id on a closer look, and where nobody may know more. */
export function Named({ id }: { id: string }) {
  const name = useName(id);
  return (
    <span dir="auto" title={name === id ? undefined : id}>
      {name}
    </span>
  );
}

export function useName(id: string): string {
  return useQuery(nameQuery(id)).data ?? id;
}
