import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // A model runs on all cores but one: with two cores a second worker fills the other.
    maxWorkers: 2,
  },
});
