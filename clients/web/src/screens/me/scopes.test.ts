import { describe, expect, it } from "vitest";
import { endOf, usableScopes } from "./scopes";

describe("what a key may be given", () => {
  it("leaves out what its owner's roles do not allow", () => {
    expect(usableScopes(["designer"])).toEqual(["images:read", "images:write", "experiments:read"]);
    expect(usableScopes(["operator"])).toContain("operate");
    expect(usableScopes(["operator"])).not.toContain("admin");
  });

  it("is everything for an admin", () => {
    expect(usableScopes(["admin"])).toContain("admin");
    expect(usableScopes(["admin"])).toContain("experiments:vote");
  });
});

describe("a key", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");

  it("ends when it is revoked, or its days are over, and at no other time", () => {
    expect(endOf({ revoked_at: "2026-05-01T00:00:00Z", expires_at: "2027-01-01T00:00:00Z" }, now)).toBe("revoked");
    expect(endOf({ expires_at: "2026-06-01T00:00:00Z" }, now)).toBe("expired");
    expect(endOf({ expires_at: "2026-06-02T00:00:00Z", revoked_at: null }, now)).toBeNull();
    expect(endOf({}, now)).toBeNull();
  });
});
