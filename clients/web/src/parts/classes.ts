import { twMerge } from "tailwind-merge";

/** Joins class names; a later one wins over an earlier one of the same kind. */
export function classes(...names: (string | false | null | undefined)[]): string {
  return twMerge(names.filter(Boolean).join(" "));
}
