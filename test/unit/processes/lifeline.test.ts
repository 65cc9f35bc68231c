import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(["server", "engine"])(
  "a %s whose main thread is busy for ever ends with its parent, however that ends",
  async (kind) => {
    const parent = fork(join(import.meta.dirname, "busyParent.ts"), [kind], { execArgv: [] });
    const [{ pid }] = (await once(parent, "message")) as [{ pid: number }];
    await sleep(200);
    expect(lives(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => lives(pid), { timeout: 20_000 }).toBe(false);
  },
);
