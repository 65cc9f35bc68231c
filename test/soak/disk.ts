/**
 * Each kind of work on a disk with little room left: it says that the disk is full, and with room again the same request gives the
 * same, with nothing left behind. `npm run soak -- disk [job ...]`, all jobs where absent. Root on Linux.
 */
import { fillDisk, mountDisk, NO_DISK } from "../fixtures/fullDisk.ts";
import { makeJobFolder } from "../fixtures/jobFolder.ts";
import { JOBS, type Job } from "../fixtures/jobs.ts";

/** Bytes, from nothing to more than most need. */
const ROOMS = [0, 4096, 16_384, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 8_388_608];

const given = process.argv.slice(2);
const names = (given.length === 0 ? Object.keys(JOBS) : given) as (keyof typeof JOBS)[];
if (NO_DISK !== null) {
  console.log(`not tried: ${NO_DISK}`);
  process.exitCode = 1;
} else {
  for (const name of names) {
    const { root, unmount } = mountDisk(128);
    try {
      await makeJobFolder(96, root);
      const job: Job = JOBS[name];
      const { full, faults } = await fillDisk(root, job, ROOMS);
      const how = faults.length === 0 ? "said so, then the same result, nothing left" : faults.join("; ");
      console.log(`${name.padEnd(11)} ${full} of ${ROOMS.length} disks were too small: ${how}`);
      if (faults.length > 0) process.exitCode = 1;
    } finally {
      unmount();
    }
  }
}
