import type { LineageBody, LineageLine } from "@openapi";
import { expect, it } from "vitest";
import { ancestorsOf, descendantsOf } from "./ancestry";

const line = (over: Partial<LineageLine>) =>
  ({ call: "like", depth: 1, parent: "", job_id: "", parent_job: null, prompt: "", ...over }) as LineageLine;

const body: LineageBody = {
  is_whole: true,
  ancestors: [
    line({ job_id: "c", parent: "b/2", parent_job: "b", depth: 1 }),
    line({ job_id: "b", parent: "pic_1", depth: 2, call: "image" }),
  ],
  descendants: [
    line({ job_id: "d", parent: "c/0", parent_job: "c", depth: 1 }),
    line({ job_id: "f", parent: "c/1", parent_job: "c", depth: 1, call: "finish" }),
    line({ job_id: "e", parent: "d/0", parent_job: "d", depth: 2 }),
  ],
};

it("leads from what was there first to the picture, uploads included", () => {
  expect(ancestorsOf(body).map(({ jobId, index, level }) => [jobId, index, level])).toEqual([
    [null, null, 0],
    ["b", 2, 1],
  ]);
});

it("shows what came of it below what that came of", () => {
  expect(descendantsOf(body, 3).map(({ jobId, level }) => [jobId, level])).toEqual([
    ["d", 3],
    ["e", 4],
    ["f", 3],
  ]);
});

it("ends where a job is its own ancestor by mistake", () => {
  const loop = [line({ job_id: "x", parent: "y/0", depth: 1 }), line({ job_id: "y", parent: "x/0", depth: 2 })];
  expect(descendantsOf({ ...body, descendants: loop }, 0)).toHaveLength(2);
});
