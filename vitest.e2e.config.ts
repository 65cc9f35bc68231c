import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Browser tests: as many windows at a time as there are cores to draw them, each step with the patience that a loaded machine needs. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: Math.max(2, Math.min(4, Math.floor(availableParallelism() / 2))),
    pool: "forks",
  },
});
