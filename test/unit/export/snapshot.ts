import type { IndexSnapshot } from "../../../src/core/search/index.ts";
import type { Branch } from "../../../src/shared/index.ts";

/** Two branches of 2 and 3 values. */
export const BRANCHES: readonly Branch[] = [
  { name: "spoc", kind: "SPoC", dim: 2, tap: 0 },
  { name: "gem", kind: "GeM", dim: 3, tap: 0, p: 3 },
];

/** A snapshot in memory. Like that of a store, it gives the same array at each step. */
export function snapshotOf(paths: readonly string[], rows: readonly (readonly number[])[]): IndexSnapshot {
  return {
    model: { name: "tiny", fingerprint: "abc123", descriptors: BRANCHES.map(({ name }) => name) },
    branches: BRANCHES,
    paths,
    async *rows() {
      const row = new Float32Array(5);
      for (const values of rows) {
        row.set(values);
        yield row;
      }
    },
    close: async () => {},
  };
}

/** Names that break careless writers. */
export const PATHS = ['"quoted", twice.png', "a,b.png", "line\nbreak.png", "naïve/grüße ✓.png", "🦊/日本.png"];

/** A row for each of `count` images, with both branches of norm 1. */
export function unitRows(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const [a, b] = [i * 0.7, i * 1.3 + 0.2];
    return [Math.cos(a), Math.sin(a), Math.cos(b), 0, Math.sin(b)];
  });
}

/** What `combined` must be, in float64. */
export function combinedOf(row: readonly number[]): number[] {
  return row.map((x) => x / Math.sqrt(BRANCHES.length));
}

/** Takes what a writer writes. The bytes are copied, since a writer may reuse them after the promise. */
export function collector(): { write(bytes: Uint8Array): Promise<void>; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  return {
    write: async (bytes) => {
      await Promise.resolve();
      chunks.push(Buffer.from(bytes));
    },
    bytes: () => Buffer.concat(chunks),
  };
}
