import type { IssuerBody } from "@openapi";
import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { ROOT } from "@/api/root";
import { tokensFrom } from "./token";

/** OpenID Connect, authorization code with PKCE. A token lives as long as its tab and is renewed before it ends. */
const CHOSEN = "atelier.issuer";

let manager: UserManager | null = null;
/** Whoever signs people in here; empty in development mode. */
let known: readonly IssuerBody[] = [];

/** Learn who signs people in, and take up the token of this tab, or the one that an issuer has just sent. */
export async function openSession(issuers: readonly IssuerBody[], needed: boolean): Promise<void> {
  known = issuers;
  const chosen = issuers.find((issuer) => issuer.issuer === sessionStorage.getItem(CHOSEN));
  manager = chosen ? managerOf(chosen) : null;
  tokensFrom(accessToken, needed);
  if (manager && new URLSearchParams(location.search).has("state")) await comeBack(manager);
}

/** Who signs people in here. */
export const issuersKnown = (): readonly IssuerBody[] => known;

/** Leave for an issuer, who sends the person back to where they are now. */
export async function signIn(issuer: IssuerBody): Promise<void> {
  sessionStorage.setItem(CHOSEN, issuer.issuer);
  manager = managerOf(issuer);
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

function managerOf(issuer: IssuerBody): UserManager {
  return new UserManager({
    authority: issuer.issuer,
    client_id: issuer.client_id,
    redirect_uri: ROOT.href,
    scope: issuer.scope,
    // Given, so that nothing is asked that the page's policy would have to allow.
    metadata: {
      issuer: issuer.issuer,
      authorization_endpoint: issuer.authorization_endpoint,
      token_endpoint: issuer.token_endpoint,
    },
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    loadUserInfo: false,
    monitorSession: false,
  });
}
