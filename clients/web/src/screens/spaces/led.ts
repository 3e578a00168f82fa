import type { SpaceBody } from "@openapi";

/** Is no team: what is there is its owner's alone. */
const HOME = "home";

/** The teams that somebody leads. */
export const ledBy = (principal: string, spaces: readonly SpaceBody[]): SpaceBody[] =>
  spaces.filter(
    ({ id, members }) => id !== HOME && members.some((one) => one.principal === principal && one.role === "lead"),
  );
