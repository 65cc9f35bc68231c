import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import type { TestWindow } from "./window.ts";

/** The answer of `lookalike ... --json` on the window's index. */
export function commandLine<T>({ env }: TestWindow, ...args: readonly string[]): T {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(ROOT, "bin", "lookalike.mjs"), ...args, "--json"],
    { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1e9 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
