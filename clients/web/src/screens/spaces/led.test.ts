import type { SpaceBody } from "@openapi";
import { expect, test } from "vitest";
import { ledBy } from "./led";

const space = (id: string, role: "member" | "lead"): SpaceBody =>
  ({ id, name: id, members: [{ principal: "ana", name: "Ana", role }] }) as unknown as SpaceBody;

test("a lead looks after the teams that they lead, and home is none", () => {
  const spaces = [space("home", "lead"), space("fashion", "lead"), space("brand", "member")];
  expect(ledBy("ana", spaces).map((one) => one.id)).toEqual(["fashion"]);
  expect(ledBy("ben", spaces)).toEqual([]);
});
