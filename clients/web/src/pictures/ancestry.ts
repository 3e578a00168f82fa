import type { LineageBody, LineageLine } from "@openapi";

/** A step of the tree that leads to a picture and away from it. */
export interface Step {
  key: string;
  /** The job that is shown; null for an upload. */
  jobId: string | null;
  /** Which of its pictures, where one is meant. */
  index: number | null;
  call: string;
  prompt: string;
  deleted: boolean;
  level: number;
}

/** The job and place of `JOB_ID/INDEX`; of an upload no job. */
function placeOf(parent: string): { jobId: string; index: number | null } {
  const [jobId = "", index] = parent.split("/");
  return { jobId, index: index === undefined ? null : Number(index) };
}

/** What a picture comes from, the farthest first; each is one step to the right of what it comes from. */
export function ancestorsOf(body: LineageBody): Step[] {
  const deepest = Math.max(0, ...body.ancestors.map((line) => line.depth));
  return [...body.ancestors]
    .sort((a, b) => b.depth - a.depth)
    .map((line) => {
      const upload = !line.parent_job;
      const { jobId, index } = placeOf(line.parent);
      return {
        ...stepOf(line, `a/${line.parent}/${line.job_id}/${line.call}`),
        jobId: upload ? null : jobId,
        index,
        level: deepest - line.depth,
      };
    });
}

/** What came of it, each below what it came of. */
export function descendantsOf(body: LineageBody, level: number): Step[] {
  const childrenOf = (job: string) => body.descendants.filter((line) => placeOf(line.parent).jobId === job);
  const jobs = new Set(body.descendants.map((line) => line.job_id));
  const roots = body.descendants.filter((line) => line.depth === 1 || !jobs.has(placeOf(line.parent).jobId));
  const seen = new Set<string>();
  const steps: Step[] = [];
  const walk = (line: LineageLine, deep: number) => {
    const key = `d/${line.parent}/${line.job_id}/${line.call}`;
    if (seen.has(key)) return;
    seen.add(key);
    steps.push({ ...stepOf(line, key), jobId: line.job_id, index: null, level: deep });
    for (const child of childrenOf(line.job_id)) walk(child, deep + 1);
  };
  for (const line of roots) walk(line, level);
  return steps;
}

const stepOf = (line: LineageLine, key: string) => ({
  key,
  call: line.call,
  prompt: line.prompt ?? "",
  deleted: line.deleted ?? false,
});
