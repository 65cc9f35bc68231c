import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Milliseconds. */
export interface Times {
  readonly median: number;
  readonly p95: number;
}

export function times(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { median: at(0.5), p95: at(0.95) };
}

/** How long some work takes. */
export async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Writes figures to out/bench/<name>.json. */
export function writeFigures(name: string, figures: unknown): void {
  const out = resolve(import.meta.dirname, "../../out/bench");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
