import type { GenerateBody, JobBody } from "@openapi";
import { useSyncExternalStore } from "react";
import { type Draft, draftOf, draftOfJob, EMPTY, keepable, type Source, sourceOf, withSources } from "./draft";

/** The form of this tab: one draft, kept over reloads and sign-ins, and what the studio has refused of it, by field. */
interface Form {
  draft: Draft;
  errors: Readonly<Record<string, string>>;
  /** Whether the prompt is somebody's own words, and not those of a job or an example. */
  typed: boolean;
}

const KEY = "atelier.draft";
const listeners = new Set<() => void>();
let form: Form = { draft: kept(), errors: {}, typed: false };

/** The draft without its prompt: the same object while somebody only writes. */
let settings: Draft = withoutPrompt(form.draft);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useForm = (): Form => useSyncExternalStore(subscribe, () => form);
export const useSettings = (): Draft => useSyncExternalStore(subscribe, () => settings);
export const useErrors = (): Form["errors"] => useSyncExternalStore(subscribe, () => form.errors);

export const currentDraft = (): Draft => form.draft;

/** Change what is in the form; what was wrong with these fields is not said any more. */
export function change(patch: Partial<Draft>): void {
  const left = Object.entries(form.errors).filter(([field]) => !(field in patch) && field !== "");
  const errors = left.length < Object.keys(form.errors).length ? Object.fromEntries(left) : form.errors;
  const typed = "prompt" in patch ? patch.prompt !== "" : form.typed;
  set({ draft: { ...form.draft, ...patch }, errors, typed });
}

/** Say what is wrong with the fields; `""` is what is wrong with none of them. */
export const refuse = (errors: Record<string, string>): void => set({ ...form, errors: { ...form.errors, ...errors } });
export const hasErrors = (): boolean => Object.keys(form.errors).length > 0;
export const clearErrors = (): void => set({ ...form, errors: {} });

/** Put the settings of a request into the form, such as a recipe's. */
export const fillForm = (body: Partial<GenerateBody>): void => replace(draftOf(body, seenAt));

/** Put a job's settings into the form. */
export const fillFromJob = (job: JobBody): void => replace(draftOfJob(job));

/** Write a prompt into the form, ready to be sent. */
export function suggest(prompt: string): void {
  change({ prompt });
  set({ ...form, typed: false });
}

/** Begin with a finished picture, with its job's settings; words that somebody has begun to write are theirs. */
export function editPicture(
  job: JobBody,
  index: number,
  url: string,
  asReference: boolean,
  model: string | null,
): void {
  const words = form.typed ? form.draft.prompt : job.prompt;
  const source = sourceOf(`${job.job_id}/${index}`, url, job.prompt);
  replace({
    ...draftOfJob({ ...job, inputs: [], strength: null }),
    prompt: words,
    model,
    num_variations: 1,
    seed: "",
    ...(asReference ? { references: [source] } : { image: source }),
  });
}

/** A picture has arrived at the studio: `name` is what it calls it. Null takes the picture out of the form. */
export function settle(source: Source, name: string | null): void {
  const settled = (one: Source) => (one.id !== source.id ? one : name === null ? null : { ...one, name });
  set({ ...form, draft: withSources(form.draft, settled) });
}

/** Where a picture is seen that a request names. */
const seenAt = (name: string): string => {
  const [job, index] = name.split("/");
  return index === undefined ? `pictures/${name}?use=reference` : `jobs/${job}/images/${index}.webp?use=reference`;
};

function replace(draft: Draft): void {
  set({ draft, errors: {}, typed: false });
}

function set(now: Form): void {
  if (!differsInPrompt(form.draft, now.draft)) settings = withoutPrompt(now.draft);
  form = now;
  sessionStorage.setItem(KEY, JSON.stringify(keepable(form.draft)));
  for (const listener of listeners) listener();
}

function withoutPrompt(draft: Draft): Draft {
  return { ...draft, prompt: "" };
}

/** In nothing else. */
function differsInPrompt(one: Draft, other: Draft): boolean {
  return (Object.keys(other) as (keyof Draft)[]).every((field) => field === "prompt" || one[field] === other[field]);
}

function kept(): Draft {
  try {
    // An older draft may lack what is new.
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return EMPTY;
  }
}
