// Who is signed in on a page: OpenID Connect, authorization code with PKCE. The token lives as long as the tab.

import { ROOT } from "./api.js";

/** @import { IssuerBody, IssuersBody } from "../openapi.d.ts" */

const TOKEN = "atelier.token";
const LEFT = "atelier.sign-in";

/** @returns {Promise<IssuersBody>} */
export async function readIssuers() {
  const answer = await fetch(`${ROOT}auth/issuers`);
  if (!answer.ok) throw new Error("The studio does not say where to sign in; try again later.");
  return answer.json();
}

/** The header that shows who is signed in; nothing where nobody is. @returns {Record<string, string>} */
export function credentials() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** What was shown counts no more. */
export function forget() {
  sessionStorage.removeItem(TOKEN);
}

/**
 * Leave for the issuer; it comes back to this page.
 * @param {IssuerBody} issuer
 */
export async function leave(issuer) {
  const verifier = random();
  const state = random();
  sessionStorage.setItem(LEFT, JSON.stringify({ issuer, verifier, state, search: location.search }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const url = new URL(issuer.authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: issuer.client_id,
    redirect_uri: here(),
    scope: issuer.scope,
    state,
    code_challenge: encoded(new Uint8Array(digest)),
    code_challenge_method: "S256",
  })) {
    url.searchParams.set(name, value);
  }
  location.assign(url);
}

/** Back from the issuer, take the token that waits there. Whatever was in the address before is there again. */
export async function comeBack() {
  const asked = new URLSearchParams(location.search);
  const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
  if (!left || !asked.has("state")) return;
  sessionStorage.removeItem(LEFT);
  history.replaceState(null, "", location.pathname + left.search);
  const code = asked.get("code");
  if (asked.get("state") !== left.state || !code) throw new Error("You were not signed in; try it again.");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: left.issuer.client_id,
    redirect_uri: here(),
    code_verifier: left.verifier,
    code,
  });
  const answer = await fetch(left.issuer.token_endpoint, { method: "POST", body });
  const told = await answer.json();
  if (!answer.ok || typeof told.access_token !== "string") throw new Error("You were not signed in; try it again.");
  sessionStorage.setItem(TOKEN, told.access_token);
}

const here = () => location.origin + location.pathname;

const random = () => encoded(crypto.getRandomValues(new Uint8Array(32)));

/** @param {Uint8Array} bytes */
const encoded = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
