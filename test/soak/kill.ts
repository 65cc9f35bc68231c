/**
 * kill -9 at random moments of each kind of work, from a seed: afterwards the same request gives the same, bit for bit, and
 * nothing is left behind. `npm run soak -- kill [job ...] [--kills N] [--seed N]`, 50 kills of every job where absent.
 */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeJobFolder } from "../fixtures/jobFolder.ts";
import { JOBS, type Job } from "../fixtures/jobs.ts";
import { killJob } from "../fixtures/killedJobs.ts";

const { values, positionals } = parseArgs({
  options: { kills: { type: "string", default: "50" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const names = positionals.length === 0 ? Object.keys(JOBS) : positionals;
for (const name of names) if (!(name in JOBS)) throw new RangeError(`No job ${name}: ${Object.keys(JOBS).join(", ")}.`);
for (const name of names as (keyof typeof JOBS)[]) {
  const root = await makeJobFolder();
  try {
    const job: Job = JOBS[name];
    const { kills, late, seconds, faults } = await killJob(
      root,
      job,
      Number(values.kills),
      Number(values.seed),
      (done) => console.error(`${name}: ${done} kills so far, the same result each time`),
    );
    const how = faults.length === 0 ? "the same result, nothing left" : faults.join("; ");
    console.log(
      `${name.padEnd(11)} ${kills} kills, ${late} that came too late; ${seconds.toFixed(1)} s undisturbed: ${how}`,
    );
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
