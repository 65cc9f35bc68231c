/** The measure of the soaks for leaks: a leak of 0.2 MB a cycle is seen within 200, what goes up and comes down again is none. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { growth, measurable, type Reading, readProcess } from "../../fixtures/processGrowth.ts";
import { RandomValues } from "../../fixtures/randomValues.ts";

const CYCLES = 200;

/** Readings that go up and down by so many bytes, and grow by others. */
function readings(seed: number, noise: number, grows: Partial<Record<keyof Reading, number>>): Reading[] {
  const values = new RandomValues(xoroshiro128plus(seed), []);
  return Array.from({ length: CYCLES }, (_, cycle) => {
    const grown = (kind: keyof Reading) => Math.floor((grows[kind] ?? 0) * cycle);
    return {
      cycle,
      memory: 330e6 + values.below(noise) + grown("memory"),
      held: 60e6 + values.below(noise / 40) + grown("held"),
      descriptors: 30 + values.below(3) + grown("descriptors"),
      threads: 14 + values.below(8) + grown("threads"),
    };
  });
}

test("what a process takes may go up and down, and may not grow", () => {
  for (let seed = 1; seed <= 50; seed++) {
    expect(growth(readings(seed, 80e6, {}))).toEqual([]);
    expect(growth(readings(seed, 80e6, { memory: 0.2e6 }))).toEqual([expect.stringMatching(/^memory: \d+ MB, then/)]);
    expect(growth(readings(seed, 80e6, { held: 0.1e6 }))).toEqual([expect.stringMatching(/^held/)]);
    expect(growth(readings(seed, 80e6, { descriptors: 0.05, threads: 0.2 }))).toEqual([
      expect.stringMatching(/^descriptors/),
      expect.stringMatching(/^threads/),
    ]);
  }
});

test.runIf(process.platform === "linux")(
  "a process that loses memory outside of JavaScript is told from one that does not",
  async () => {
    const wasteful = resolve(import.meta.dirname, "wasteful.ts");
    const told = async (leak: number) => {
      const child: ChildProcess = fork(wasteful, [], measurable(process.env, leak));
      try {
        const all: Reading[] = [];
        for (let cycle = 0; cycle < 60; cycle++) {
          child.send("work");
          await once(child, "message");
          all.push(await readProcess(child, cycle));
        }
        return growth(all);
      } finally {
        child.kill("SIGKILL");
      }
    };
    expect(await told(0)).toEqual([]);
    expect(await told(1_000_000)).toEqual([expect.stringMatching(/^memory: \d+ MB, then \d+ MB/)]);
  },
  60_000,
);
