import type {
  DatasetBody,
  DatasetChanges,
  DatasetsBody,
  ErrorBody,
  NewDatasetBody,
  PreflightBody,
  SuggestionsBody,
  SuggestionsWish,
  VersionsBody,
} from "@openapi";
import { queryOptions } from "@tanstack/react-query";
import { credentials } from "@/session/token";
import { api, told } from "./client";
import { Problem } from "./problem";
import { at } from "./root";

export type Right = DatasetBody["pictures"][number]["right"];
export type Pick = Partial<NewDatasetBody["pictures"][number]> & { picture: string };

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: () => told<DatasetsBody>(api.GET("/datasets")),
});

/** One version; that which is in use, else the newest, if none is named. */
export const datasetQuery = (id: string, version?: string) =>
  queryOptions({
    queryKey: ["datasets", id, "version", version ?? null],
    queryFn: () => told<DatasetBody>(api.GET("/datasets/{id}", { params: { path: { id }, query: { version } } })),
  });

/** The newest first. */
export const datasetVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id, "versions"],
    queryFn: () =>
      told<VersionsBody>(
        api.GET("/library/{kind}/{id}/versions", { params: { path: { kind: "datasets", id } as never } }),
      ),
  });

const AGAIN_MS = 700;

/** What is wrong with a version, which never changes; asked again until all pictures were looked at. */
export const preflightQuery = (id: string, version: string, model?: string) =>
  queryOptions({
    queryKey: ["datasets", id, "preflight", version, model ?? null],
    queryFn: ({ signal }) =>
      told<PreflightBody>(
        api.GET("/datasets/{id}/preflight", {
          params: { path: { id }, query: { version, wait: 0.5, ...(model ? { model } : {}) } },
          signal,
        }) as never,
      ),
    refetchInterval: (query) => (query.state.data && !query.state.data.done ? AGAIN_MS : false),
    refetchOnWindowFocus: false,
  });

/** A dataset of pictures that are in the studio. */
export const addDataset = (
  body: Partial<Omit<NewDatasetBody, "pictures">> & { id: string; pictures: readonly Pick[] },
) => told<DatasetBody>(api.POST("/datasets", { body: body as unknown as NewDatasetBody }) as never);

/** The next version; what is absent stays. */
export const changeDataset = (id: string, changes: Partial<DatasetChanges>) =>
  told<DatasetBody>(api.PATCH("/datasets/{id}", { params: { path: { id } }, body: changes as DatasetChanges }));

export interface Progress {
  done: number;
  all: number;
}

const SUGGESTING_SECONDS = 4;

/** Captions for those pictures, for a person to read; nothing is written. Asked again until all were looked at. */
export async function suggestCaptions(
  id: string,
  version: string,
  pictures: readonly string[],
  onProgress: (progress: Progress) => void,
): Promise<SuggestionsBody["captions"]> {
  const captions: SuggestionsBody["captions"] = [];
  let left = [...pictures];
  while (left.length > 0) {
    const found = await told<SuggestionsBody>(
      api.POST("/datasets/{id}/captions", {
        params: { path: { id }, query: { version, wait: SUGGESTING_SECONDS } },
        body: { pictures: left } as SuggestionsWish,
      }),
    );
    captions.push(...found.captions);
    left = found.not_yet;
    onProgress({ done: pictures.length - left.length, all: pictures.length });
  }
  return captions;
}

/** What is said of a zip file; what is empty is not sent. */
export interface ZipWish {
  id: string;
  name: string;
  asset_type: string;
  trigger: string;
  right: Right;
  source: string;
}

/**
 * Make a dataset of a zip file. `onProgress` tells the share that is sent; after that its pictures are taken in. Not by
 * `fetch`, which does not tell how much of a body is sent.
 */
export async function sendZip(
  file: File,
  { id, ...wish }: ZipWish,
  onProgress: (share: number) => void,
): Promise<DatasetBody> {
  const form = new FormData();
  for (const [name, value] of Object.entries(wish)) if (value !== "") form.append(name, value);
  form.append("file", file, file.name);
  const headers = await credentials();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", at(`datasets/${encodeURIComponent(id)}/zip`));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as DatasetBody);
      else reject(problemOf(request));
    };
    request.onerror = () => reject(new Problem(0, null));
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
