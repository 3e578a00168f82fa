import type { Limits, QuotaBody } from "@openapi";

export const LIMITS = ["pictures_per_day", "device_seconds_per_day", "jobs_in_flight"] as const;
export type Limit = (typeof LIMITS)[number];

/** What is said of one limit: nothing, so that the profile holds; that there is none; or a number. */
export interface Said {
  how: "inherit" | "unlimited" | "limit";
  limit: number;
}

export type LimitsForm = Record<Limit, Said>;

/** The form of what is set; a number that is not set begins with what holds now. */
export function readLimits({ set, quota }: Pick<QuotaBody, "set" | "quota">): LimitsForm {
  const of = (limit: Limit): Said => {
    const said = set?.[limit];
    const now = quota[limit] ?? 0;
    if (said === "unlimited") return { how: "unlimited", limit: now };
    return typeof said === "number" ? { how: "limit", limit: said } : { how: "inherit", limit: now };
  };
  return {
    pictures_per_day: of("pictures_per_day"),
    device_seconds_per_day: of("device_seconds_per_day"),
    jobs_in_flight: of("jobs_in_flight"),
  };
}

/** What is sent: all limits anew, of which those that are left out are as the profile says. */
export function writeLimits(form: LimitsForm): Limits {
  const limits: Limits = {};
  for (const limit of LIMITS) {
    const { how, limit: number } = form[limit];
    if (how === "unlimited") limits[limit] = "unlimited";
    if (how === "limit") limits[limit] = number;
  }
  return limits;
}
