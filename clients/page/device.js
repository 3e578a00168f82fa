// The page on which a person lets a device in that shows a code.

import { ROOT } from "./api.js";
import { comeBack, credentials, forget, leave, readIssuers } from "./session.js";

/** @import { AskingBody, ErrorBody, IssuerBody } from "../openapi.d.ts" */

/**
 * @template {Element} T
 * @param {string} id
 * @param {{ new (): T }} kind
 * @returns {T}
 */
function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const signIn = part("sign-in", HTMLElement);
const find = part("find", HTMLFormElement);
const code = part("code", HTMLInputElement);
const asking = part("asking", HTMLElement);
const who = part("who", HTMLElement);
const approve = part("approve", HTMLButtonElement);
const said = part("said", HTMLElement);

/**
 * The device that shows a code, or a sentence why there is none.
 * @param {string} path
 * @param {RequestInit} [how]
 * @returns {Promise<AskingBody>}
 */
async function ask(path, how) {
  const answer = await fetch(`${ROOT}auth/${path}`, { ...how, headers: { ...how?.headers, ...credentials() } });
  const body = await answer.json();
  if (answer.status === 401) {
    forget();
    await begin();
  }
  if (answer.ok) return /** @type {AskingBody} */ (body);
  throw new Error(/** @type {ErrorBody} */ (body).error.message);
}

/**
 * Do something that may be refused, and say why.
 * @param {() => Promise<void>} step
 */
async function attempt(step) {
  said.textContent = "";
  try {
    await step();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    said.textContent = text.charAt(0).toUpperCase() + text.slice(1);
  }
}

async function look() {
  asking.hidden = true;
  const device = await ask(`codes/${encodeURIComponent(code.value.trim())}`);
  const begun = new Date(device.created_at).toLocaleTimeString();
  who.textContent = `${device.client} asks to be let in, since ${begun}. It will do what you may do.`;
  approve.hidden = device.approved;
  asking.hidden = false;
  if (device.approved) said.textContent = "It was let in already.";
}

async function letIn() {
  const device = await ask("device/approve", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user_code: code.value.trim() }),
  });
  approve.hidden = true;
  said.textContent = `${device.client} is let in. You can close this page.`;
}

/** What comes first: to sign in, where that is needed, or the code. */
async function begin() {
  const { issuers, needed } = await readIssuers();
  const open = !needed || "Authorization" in credentials();
  find.hidden = !open;
  signIn.hidden = open;
  signIn.replaceChildren(...(open ? [] : issuers.map(way)));
  if (!open && !issuers.length) throw new Error("Nobody can sign in on this page: its studio has no web_client.");
  return open;
}

/** @param {IssuerBody} issuer */
function way(issuer) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `Sign in at ${new URL(issuer.issuer).host}`;
  button.addEventListener("click", () => attempt(() => leave(issuer)));
  return button;
}

find.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(look);
});
approve.addEventListener("click", () => attempt(letIn));
attempt(async () => {
  await comeBack();
  code.value = new URLSearchParams(location.search).get("user_code") ?? "";
  if ((await begin()) && code.value) await look();
});
