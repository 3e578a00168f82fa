import { describe, expect, it } from "vitest";
import { grantWish } from "./grant";
import { readLimits, writeLimits } from "./limits";
import { readAuditSearch, readQuotaSearch } from "./search";

describe("limits as a form", () => {
  const quota = { pictures_per_day: 200, jobs_in_flight: 4, device_seconds_per_day: null };

  it("say the same when nothing was changed", () => {
    const set = { pictures_per_day: 0, device_seconds_per_day: "unlimited" } as const;
    expect(writeLimits(readLimits({ set, quota }))).toEqual(set);
    expect(writeLimits(readLimits({ set: null, quota }))).toEqual({});
  });

  it("begin a new number with what holds now", () => {
    expect(readLimits({ set: null, quota }).jobs_in_flight).toEqual({ how: "inherit", limit: 4 });
  });
});

describe("a grant as a form", () => {
  const form = {
    covers: "licence" as const,
    licence: "flux",
    component: "mini",
    purposes: ["product" as const],
    reference: " PO 7 ",
    space: "",
    since: "",
    until: "",
  };

  it("covers a licence or a component, never both, and leaves out what is empty", () => {
    expect(grantWish(form)).toEqual({ licence: "flux", purposes: ["product"], reference: "PO 7" });
    expect(grantWish({ ...form, covers: "component" })).toMatchObject({ component: "mini" });
    expect(grantWish({ ...form, covers: "component" })).not.toHaveProperty("licence");
  });

  it("ends with its last day", () => {
    const { since, until } = grantWish({ ...form, since: "2026-01-01", until: "2026-01-31" });
    expect(new Date(until ?? "").getTime() - new Date(since ?? "").getTime()).toBe(31 * 24 * 3_600_000);
  });
});

describe("what stands in the address", () => {
  it("is a filter of the audit without what is empty or unknown", () => {
    expect(readAuditSearch({ who: "ana", action: "", other: 1 })).toEqual({ who: "ana" });
  });

  it("is whose quota is looked at, or nothing", () => {
    expect(readQuotaSearch({ subject: "user", id: 7 })).toEqual({ subject: "user", id: "7" });
    expect(readQuotaSearch({ subject: "planet", id: "x" })).toEqual({});
  });
});
