import type { Verification } from "@openapi";
import { ask, problemOf } from "./client";
import { asProblem } from "./problem";
import { at } from "./root";

/** What a file is, of whomever it is. The studio keeps nothing of it. */
export async function verifyFile(file: Blob, name: string): Promise<Verification> {
  const body = new FormData();
  body.append("file", file, name);
  let answer: Response;
  try {
    answer = await ask(at("verify"), { method: "POST", body });
  } catch (error) {
    throw asProblem(error);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}
