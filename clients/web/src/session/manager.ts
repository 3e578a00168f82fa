import type { IssuerBody } from "@openapi";
import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { ROOT } from "@/api/root";

/** OpenID Connect, authorization code with PKCE, with one issuer. A file of its own: most tabs are signed in nowhere, and
 * load none of it. */
export function managerOf(issuer: IssuerBody): UserManager {
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
