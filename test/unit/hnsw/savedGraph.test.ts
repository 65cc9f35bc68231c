import { promises as fs, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadUsearch, NativeIndex, type Usearch } from "../../../src/core/hnsw/index.ts";
import { clusteredVectors } from "../../fixtures/clusteredVectors.ts";

const [ROWS, DIM] = [600, 6];
/** Where the parts of such a file begin. */
const HEAD = 8 + ROWS * 2 * DIM;
const HEADER = HEAD + 64;
const LEVELS = HEADER + 40;
const NODES = LEVELS + 2 * ROWS;
const [NODE, LOWEST, ABOVE] = [10, 4 + 4 * 32, 4 + 4 * 16];
const root = mkdtempSync(join(tmpdir(), "lookalike-graph-"));
const file = join(root, "x.usearch");
const [vectors] = clusteredVectors({ count: ROWS, dims: [DIM], classes: 8, seed: 7 }).matrices;
let usearch: Usearch;
let whole: Buffer;

beforeAll(async () => {
  usearch = (await loadUsearch())!;
  const index = NativeIndex.empty(usearch, DIM, { searchExpansion: 64, builders: 1 });
  index.add(
    BigUint64Array.from({ length: ROWS }, (_, row) => BigInt(1 + row)),
    vectors!,
  );
  index.save(file);
  whole = readFileSync(file);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function isSaved(bytes: Uint8Array, dim = DIM, rows = ROWS): Promise<boolean> {
  writeFileSync(file, bytes);
  const handle = await fs.open(file);
  try {
    return await NativeIndex.isSaved(handle, dim, rows).catch(() => false);
  } finally {
    await handle.close();
  }
}

function forged(write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  write(bytes);
  return bytes;
}

const levelOf = (slot: number) => whole.readInt16LE(LEVELS + 2 * slot);
const nodeOf = (slot: number) =>
  Array.from({ length: slot }, (_, i) => NODE + LOWEST + ABOVE * levelOf(i)).reduce((sum, bytes) => sum + bytes, NODES);
/** The first node above the lowest level, and one that is on it alone. */
const upper = () => Array.from({ length: ROWS }, (_, slot) => slot).find((slot) => levelOf(slot) > 0)!;
const lower = () => Array.from({ length: ROWS }, (_, slot) => slot).find((slot) => levelOf(slot) === 0)!;

test("what usearch saves is a graph; of another size it is none", async () => {
  expect(await isSaved(whole)).toBe(true);
  expect(await isSaved(whole, DIM + 1)).toBe(false);
  expect(await isSaved(whole, DIM, ROWS - 1)).toBe(false);
  expect(await isSaved(whole, DIM, 0)).toBe(false);
  expect(await isSaved(whole, DIM, 2 ** 40)).toBe(false);
  expect(await isSaved(Buffer.concat([whole, Buffer.alloc(1)]))).toBe(false);
  expect(await isSaved(whole.subarray(0, -1))).toBe(false);
});

// Each of these is followed by native code without a look, out of the file or into another part of it.
test.each<[string, (bytes: Buffer) => void]>([
  ["more rows", (bytes) => void bytes.writeUInt32LE(ROWS + 1, 0)],
  ["shorter vectors", (bytes) => void bytes.writeUInt32LE(2, 4)],
  ["another file", (bytes) => void bytes.writeUInt8(0, HEAD)],
  ["another version", (bytes) => void bytes.writeUInt16LE(3, HEAD + 7)],
  ["kinds of an earlier version", (bytes) => void bytes.writeUInt16LE(9, HEAD + 9)],
  ["another metric", (bytes) => void bytes.write("e", HEAD + 13)],
  ["wider values", (bytes) => void bytes.writeUInt8(10, HEAD + 14)],
  ["longer vectors", (bytes) => void bytes.writeBigUInt64LE(BigInt(2 ** 20), HEAD + 33)],
  ["fewer nodes", (bytes) => void bytes.writeBigUInt64LE(BigInt(ROWS - 1), HEADER)],
  ["more nodes than there is memory", (bytes) => void bytes.writeBigUInt64LE(2n ** 63n, HEADER)],
  ["more links", (bytes) => void bytes.writeBigUInt64LE(17n, HEADER + 8)],
  ["more links below", (bytes) => void bytes.writeBigUInt64LE(64n, HEADER + 16)],
  ["a level that nobody has", (bytes) => void bytes.writeBigUInt64LE(40n, HEADER + 24)],
  ["an entry that is not there", (bytes) => void bytes.writeBigUInt64LE(BigInt(ROWS), HEADER + 32)],
  ["an entry on another level", (bytes) => void bytes.writeBigUInt64LE(BigInt(lower()), HEADER + 32)],
  ["a level below the lowest", (bytes) => void bytes.writeInt16LE(-1, LEVELS)],
  ["a node on another level than listed", (bytes) => void bytes.writeInt16LE(3, nodeOf(lower()) + 8)],
  ["a node with too many links", (bytes) => void bytes.writeUInt32LE(33, nodeOf(lower()) + NODE)],
  ["too many links above", (bytes) => void bytes.writeUInt32LE(17, nodeOf(upper()) + NODE + LOWEST)],
  ["a link to nowhere", (bytes) => void bytes.writeUInt32LE(ROWS, nodeOf(lower()) + NODE + 4)],
  [
    "a link above to a node that is not there",
    (bytes) => void bytes.writeUInt32LE(lower(), nodeOf(upper()) + NODE + LOWEST + 4),
  ],
])("refused: %s", async (_, write) => {
  expect(whole.readUInt32LE(nodeOf(upper()) + NODE + LOWEST)).toBeGreaterThan(0);
  expect(await isSaved(forged(write))).toBe(false);
});

test("whatever is let through can be searched", async () => {
  const random = xoroshiro128plus(5);
  const below = (n: number) => (random.next() >>> 0) % n;
  let searched = 0;
  for (let i = 0; i < 1500; i++) {
    const bytes = forged((copy) => {
      // Half of the time in the vectors and keys, where anything may stand.
      for (let n = 1 + below(3); n > 0; n--) {
        const at = below(2) === 0 ? below(copy.length) : HEAD + below(copy.length - HEAD);
        copy[at] = below(3) === 0 ? 255 : below(256);
      }
    });
    if (!(await isSaved(bytes))) continue;
    const index = NativeIndex.view(usearch, DIM, file);
    expect(index.nearest(vectors!.subarray(0, DIM), 20).keys.length).toBeLessThanOrEqual(20);
    searched++;
  }
  expect(searched).toBeGreaterThan(100);
});
