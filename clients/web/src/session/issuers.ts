import type { IssuerBody } from "@openapi";
import type { UserManager } from "oidc-client-ts";
import { ROOT } from "@/api/root";
import { tokensFrom } from "./token";

/** Who is signed in, and where. A token lives as long as its tab and is renewed before it ends. */
const CHOSEN = "atelier.issuer";

let manager: UserManager | null = null;
/** Whoever signs people in here; empty in development mode. */
let known: readonly IssuerBody[] = [];

/** Learn who signs people in, and take up the token of this tab, or the one that an issuer has just sent. */
export async function openSession(issuers: readonly IssuerBody[], needed: boolean): Promise<void> {
  known = issuers;
  const chosen = issuers.find((issuer) => issuer.issuer === sessionStorage.getItem(CHOSEN));
  manager = chosen ? await managerOf(chosen) : null;
  // Who is asked to sign in leaves with the press, and not after a file has come.
  if (needed && !chosen) void import("./manager");
  tokensFrom(accessToken, needed);
  if (manager && new URLSearchParams(location.search).has("state")) await comeBack(manager);
}

/** Who signs people in here. */
export const issuersKnown = (): readonly IssuerBody[] => known;

/** Leave for an issuer, who sends the person back to where they are now. */
export async function signIn(issuer: IssuerBody): Promise<void> {
  sessionStorage.setItem(CHOSEN, issuer.issuer);
  manager = await managerOf(issuer);
  await manager.signinRedirect({ state: location.pathname + location.search + location.hash });
}

/** Forget the token of this tab. */
export async function signOut(): Promise<void> {
  await manager?.removeUser();
  sessionStorage.removeItem(CHOSEN);
  location.assign(ROOT);
}

async function accessToken(): Promise<string | null> {
  const user = await manager?.getUser();
  if (!user) return null;
  if (user.expired && user.refresh_token)
    return (await manager?.signinSilent().catch(() => null))?.access_token ?? null;
  return user.access_token;
}

async function comeBack(of: UserManager): Promise<void> {
  try {
    const user = await of.signinRedirectCallback();
    history.replaceState(null, "", typeof user.state === "string" ? user.state : ROOT.pathname);
  } catch {
    history.replaceState(null, "", ROOT.pathname);
  }
}

const managerOf = async (issuer: IssuerBody) => (await import("./manager")).managerOf(issuer);
