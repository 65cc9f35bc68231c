import { expect, test } from "vitest";
import { fillDisk, mountDisk, NO_DISK } from "../../fixtures/fullDisk.ts";
import { makeJobFolder } from "../../fixtures/jobFolder.ts";
import { JOBS } from "../../fixtures/jobs.ts";

// npm run soak -- disk tries ten sizes, and every kind of work.
test.skipIf(NO_DISK !== null)(
  `a disk with little room: it is said to be full, and with room again all is right, with nothing left${NO_DISK === null ? "" : `: ${NO_DISK}`}`,
  async () => {
    const { root, unmount } = mountDisk(64);
    try {
      await makeJobFolder(72, root);
      const { full, faults } = await fillDisk(root, JOBS.index, [4096, 65_536]);
      expect(faults).toEqual([]);
      expect(full).toBeGreaterThan(0);
    } finally {
      unmount();
    }
  },
  240_000,
);
