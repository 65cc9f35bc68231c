import { defineConfig } from "vitest/config";

/** Browser tests: one window at a time, each step with the patience that a loaded machine needs. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
    pool: "forks",
  },
});
