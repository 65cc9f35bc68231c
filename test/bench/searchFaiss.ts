/** FAISS's exact search over float32, where Debian's python3-faiss is there. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const SCRIPT = join(import.meta.dirname, "searchFaiss.py");

export interface FaissFigures {
  readonly count: number;
  readonly dim: number;
  /** Milliseconds, medians: the lists of the branches, that of combined over rows side by side, one pass of numpy over the branches. */
  readonly branches: number;
  readonly combined: number;
  readonly pass: number;
  /** The four lists of a pass, median over the rounds. */
  readonly ofPass: number;
}

/** @returns null where it is not there */
export function faissFigures(count: number, dim: number, branches: number): FaissFigures | null {
  const args = [SCRIPT, count, dim, branches].map(String);
  const { status, stdout } = spawnSync("/usr/bin/python3", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? { count, dim, ...JSON.parse(stdout) } : null;
}

export function faissLine({ count, dim, branches, combined, pass, ofPass }: FaissFigures): string {
  return (
    `FAISS flat ${count} x ${dim}: branches ${branches.toFixed(1)} ms, combined ${combined.toFixed(1)} ms, one pass ` +
    `${pass.toFixed(1)} ms; of a pass ${ofPass.toFixed(2)}`
  );
}
