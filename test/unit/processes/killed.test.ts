import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeJobFolder } from "../../fixtures/jobFolder.ts";
import { JOBS } from "../../fixtures/jobs.ts";
import { killJob } from "../../fixtures/killedJobs.ts";

let root: string;

beforeAll(async () => {
  root = await makeJobFolder(72);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

// npm run soak -- kill does it 50 times, and for the trainings too.
test.each(["index", "duplicates", "import", "remove"] as const)(
  "%s, killed and begun again: the same result, and nothing is left behind",
  async (job) => {
    expect(await killJob(root, JOBS[job], 2, 1)).toMatchObject({ kills: 2, faults: [] });
  },
  240_000,
);
