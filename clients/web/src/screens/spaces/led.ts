import type { SpaceBody } from "@openapi";

/** The spaces that somebody leads. */
export const ledBy = (principal: string, spaces: readonly SpaceBody[]): SpaceBody[] =>
  spaces.filter((space) => space.members.some((member) => member.principal === principal && member.role === "lead"));
