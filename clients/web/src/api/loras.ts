import type { ErrorBody, LoraAdded } from "@openapi";
import { credentials } from "@/session/token";
import { Problem } from "./problem";
import { at } from "./root";

/** What is said of a LoRA beside its file; an empty field says nothing. */
export interface LoraWish {
  id: string;
  version: string;
  name: string;
  description: string;
  adapterLicence: string;
  dataLicence: string;
  triggerWords: readonly string[];
  strength: number;
  notes: string;
  mark: "live" | "candidate" | "none";
}

export function loraForm(file: File, wish: LoraWish): FormData {
  const form = new FormData();
  for (const name of ["id", "version", "name", "description", "notes", "mark"] as const) {
    if (wish[name] !== "") form.append(name, wish[name]);
  }
  form.append("licence", `adapter=${wish.adapterLicence}`);
  form.append("licence", `training data=${wish.dataLicence}`);
  for (const word of wish.triggerWords) form.append("trigger_words", word);
  form.append("strength", String(wish.strength));
  form.append("file", file, file.name);
  return form;
}

/**
 * Send a LoRA. `onProgress` tells the share that is sent, from 0 to 1; after that it is tried, which takes a while.
 * Not by `fetch`, which does not tell how much of a body is sent.
 */
export async function bringLora(form: FormData, onProgress: (share: number) => void, signal: AbortSignal) {
  const headers = await credentials();
  return new Promise<LoraAdded>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", at("loras"));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onProgress(1);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as LoraAdded);
      else reject(problemOf(request));
    };
    request.onerror = () => reject(new Problem(0, null));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function problemOf(request: XMLHttpRequest): Problem {
  const headers = new Headers();
  for (const name of ["retry-after", "x-request-id"]) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  try {
    return new Problem(request.status, (JSON.parse(request.responseText) as ErrorBody).error, headers);
  } catch {
    return new Problem(request.status, null, headers);
  }
}
