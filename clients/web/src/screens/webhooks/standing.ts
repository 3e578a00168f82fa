import type { WebhookBody } from "@openapi";
import type { Tone } from "@/parts/Badge";
import { minuteOf } from "@/parts/dates";
import { texts } from "@/texts";

const said = texts.webhooks;

/** How a webhook stands, in a word. */
export function standingOf(of: WebhookBody): { text: string; tone: Tone } {
  if (!of.enabled) return { text: said.disabledShort, tone: of.disabled_reason === "asked" ? "plain" : "bad" };
  return of.failing_since ? { text: said.failing, tone: "warn" } : { text: said.on, tone: "good" };
}

/** All that is to be known of it, in sentences. */
export function reasonsOf(of: WebhookBody): string[] {
  const reasons: string[] = [];
  if (!of.enabled) reasons.push(`${said.disabled[of.disabled_reason]}. ${said.disabledLead}`);
  else if (of.failing_since) reasons.push(said.failingSince(minuteOf(of.failing_since)));
  if (of.paused_until && Date.parse(of.paused_until) > Date.now())
    reasons.push(said.pausedUntil(minuteOf(of.paused_until)));
  if (of.old_secret_until && Date.parse(of.old_secret_until) > Date.now())
    reasons.push(said.oldSecret(minuteOf(of.old_secret_until)));
  return reasons;
}

/** By which its owner knows it. */
export const nameOf = (of: WebhookBody): string => of.description || of.url;
