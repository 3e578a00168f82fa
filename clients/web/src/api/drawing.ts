import type {
  BatchAccepted,
  FinishBody,
  GenerateBody,
  JobAccepted,
  LikeBody,
  PictureBody,
  PlanAnswer,
  RegenerateBody,
  TweakBody,
} from "@openapi";
import { api, ask, problemOf, told } from "./client";
import { asProblem } from "./problem";
import { at } from "./root";

/** What `POST /generate` takes: all but the prompt has a default. */
export type Request = Partial<Omit<GenerateBody, "seed">> & { prompt: string; seed?: number | string };

/** What goes on from a job or a picture of one. */
export type GoingOn =
  | { call: "regenerate"; body: Partial<RegenerateBody> & { job_id: string } }
  | { call: "like"; body: Partial<LikeBody> & { asset_id: string } }
  | { call: "tweak"; body: Partial<TweakBody> & { asset_id: string; prompt: string } }
  | { call: "finish"; body: Partial<FinishBody> & { asset_id: string } };

/** What an order would take, and what would be done; nothing is. */
export const planOf = (body: Request, signal: AbortSignal) =>
  told<PlanAnswer>(api.POST("/generate", { body: { ...body, dry_run: true } as GenerateBody, signal }) as never);

/** Order pictures. The same `key` with the same body is the same order: it makes one job however often it is sent. */
export const generate = (body: Request, key: string) =>
  told<JobAccepted>(
    api.POST("/generate", { body: body as GenerateBody, params: { header: { "Idempotency-Key": key } } }) as never,
  );

/** The same words as every asset type of the studio: one batch. */
export const generateEveryType = (body: Request, key: string) =>
  told<BatchAccepted>(
    api.POST("/batches", {
      body: { rows: [body], asset_types: ["all"], name: body.prompt.slice(0, 100) } as never,
      params: { header: { "Idempotency-Key": key } },
    }) as never,
  );

/** More of a job, more like a picture, other words for it, or a better one of it. */
export function goOn({ call, body }: GoingOn, key: string): Promise<JobAccepted> {
  const params = { header: { "Idempotency-Key": key } };
  return told<JobAccepted>(api.POST(`/${call}`, { body: body as never, params }) as never);
}

/** Bring a picture to the studio, which keeps it upright and without metadata. */
export async function uploadPicture(file: Blob, name: string): Promise<PictureBody> {
  const body = new FormData();
  body.append("file", file, name);
  let answer: Response;
  try {
    answer = await ask(at("pictures"), { method: "POST", body });
  } catch (error) {
    throw asProblem(error);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}

/** A key that no other press has. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (number) => number.toString(16).padStart(8, "0")).join("");
