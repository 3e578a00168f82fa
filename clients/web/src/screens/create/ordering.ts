import type { JobAccepted } from "@openapi";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { type GoingOn, generate, generateEveryType, goOn, newKey, type Request } from "@/api/drawing";
import { jobQuery } from "@/api/jobs";
import { asProblem, type Problem } from "@/api/problem";
import { announce } from "@/live/announcements";
import { duration } from "@/parts/dates";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { limitsOf } from "./abilities";
import { clearErrors, currentDraft, hasErrors, refuse } from "./form";
import { keepPrompt } from "./promptHistory";
import { fieldOf, sentenceOf } from "./refusals";
import { requestOf, type Surroundings } from "./request";
import { arrived } from "./uploads";

/** An order that is on its way to the studio. */
export interface Sending {
  key: string;
  prompt: string;
  count: number;
  size: string | null;
}

interface Orders {
  sending: readonly Sending[];
  /** Jobs that this tab has ordered, newest first; the list of jobs may not have them yet. */
  fresh: readonly string[];
  /** Why the last order of the form was refused, where no field is to blame. */
  problem: Problem | null;
}

const listeners = new Set<() => void>();
let orders: Orders = { sending: [], fresh: [], problem: null };

export function useOrders(): Orders {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => orders,
  );
}

function set(patch: Partial<Orders>): void {
  orders = { ...orders, ...patch };
  for (const listener of listeners) listener();
}

/** For how long the same order again is taken for the same press. */
const SAME_MS = 1500;
let last = { text: "", key: "", at: 0, answered: true };

/** One key per press: a double click, or a retry after a lost answer, is the same order and makes one job. */
export function keyFor(body: unknown, now = performance.now()): string {
  const text = JSON.stringify(body);
  const again = text === last.text && (!last.answered || now - last.at < SAME_MS);
  last = { text, key: again ? last.key : newKey(), at: now, answered: false };
  return last.key;
}

function answered(problem?: Problem): void {
  if (problem?.status !== 0) last.answered = true;
}

/** Orders what the form says. */
export function usePress(around: Surroundings): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    clearErrors();
    set({ problem: null });
    const wrong = wrongBefore(around);
    if (wrong) return refuse({ prompt: wrong });
    await arrived();
    // A picture that could not be sent has said so: without it this would be another order.
    if (hasErrors()) return;
    const draft = currentDraft();
    const body = requestOf(draft, around);
    const kinds = draft.every_type ? texts.create.everyType.count : 1;
    const count = body.keep ?? body.num_variations ?? 1;
    const sending = { prompt: body.prompt, count, size: body.size ?? around.assetType?.default_size ?? null };
    keepPrompt(body.prompt);
    try {
      await send(client, body, { ...sending, count: count * kinds }, (key) =>
        draft.every_type ? everyType(client, body, key) : generate(body, key),
      );
    } catch (error) {
      refused(client, asProblem(error));
    }
  };
}

/** Orders what goes on from a job or a picture. What is refused is thrown. */
export function useGoOn(): (from: GoingOn, sending: Omit<Sending, "key">) => Promise<JobAccepted | null> {
  const client = useQueryClient();
  return (from, sending) => send(client, from, sending, (key) => goOn(from, key));
}

async function send(
  client: QueryClient,
  body: unknown,
  what: Omit<Sending, "key">,
  order: (key: string) => Promise<JobAccepted | null>,
): Promise<JobAccepted | null> {
  const key = keyFor(body);
  if (orders.sending.some((one) => one.key === key)) return null;
  set({ sending: [{ key, ...what }, ...orders.sending] });
  showResults();
  try {
    const accepted = await order(key);
    answered();
    if (accepted) await follow(client, accepted);
    return accepted;
  } catch (error) {
    answered(asProblem(error));
    throw error;
  } finally {
    set({ sending: orders.sending.filter((one) => one.key !== key) });
  }
}

/** On a phone the results are below the form: what was ordered is brought into view. */
function showResults(): void {
  if (matchMedia("(min-width: 64rem)").matches) return;
  requestAnimationFrame(() => document.getElementById("results")?.scrollIntoView({ block: "start" }));
}

async function follow(client: QueryClient, accepted: JobAccepted): Promise<void> {
  // The place of the order becomes that of its job only once there is something to show in it.
  await client.prefetchQuery(jobQuery(accepted.job_id));
  set({ fresh: [accepted.job_id, ...orders.fresh.filter((id) => id !== accepted.job_id)] });
  client.invalidateQueries({ queryKey: ["jobs"] });
  client.invalidateQueries({ queryKey: ["quota"] });
  announce(texts.create.ordered(duration(accepted.estimated_time_seconds)));
}

async function everyType(client: QueryClient, body: Request, key: string): Promise<null> {
  const batch = await generateEveryType(body, key);
  await client.invalidateQueries({ queryKey: ["jobs"] });
  client.invalidateQueries({ queryKey: ["batches"] });
  toast(texts.create.everyType.ordered(batch.jobs, duration(batch.estimated_time_seconds)));
  return null;
}

/** What can be said before anything is sent. */
function wrongBefore(around: Surroundings): string | null {
  const { prompt } = currentDraft();
  const most = limitsOf(around.limits).promptChars;
  if (!prompt.trim()) return texts.create.prompt.missing;
  return prompt.trim().length > most ? texts.create.prompt.tooLong(prompt.trim().length, most) : null;
}

function refused(client: QueryClient, problem: Problem): void {
  // What the form offers may be out of date: a model may have gone since.
  if (problem.status === 422) {
    for (const key of ["models", "loras", "asset-types", "brand"]) client.invalidateQueries({ queryKey: [key] });
  }
  const field = problem.status === 422 ? fieldOf(problem) : "";
  if (FIELDS.has(field)) refuse({ [field]: sentenceOf(problem) });
  else set({ problem });
}

/** Fields that the form has a place for. */
const FIELDS = new Set([
  ...["prompt", "asset_type", "style", "slots", "quality", "num_variations", "size", "model", "brand_kit", "loras"],
  ...["image", "strength", "mask", "references", "controls", "image_prompts", "seed", "negative_prompt", "sampler"],
  ...["schedule", "num_inference_steps", "guidance_scale", "best_of", "keep", "formats", "sizes", "stages", "private"],
]);
