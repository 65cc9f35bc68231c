import { promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import * as v from "valibot";
import { openRegularFile, readRegularFile, writeFileAtomically } from "../../files/index.ts";
import { NativeIndex, type Usearch } from "../../hnsw/index.ts";

/** Raised when files of an older version must not be used any more. */
const FORMAT = 2;
const MANIFEST = "manifest.json";
/** Bytes; of 10 million images it has some 100,000. */
const MAX_MANIFEST = 2 ** 24;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const SegmentRecord = v.object({
  /** It was built from the revisions in (after, upTo]. */
  after: Count,
  upTo: Count,
  rows: Count,
  /** One per branch, in the model's order, then combined. */
  files: v.array(v.object({ name: v.pipe(v.string(), v.regex(/^[\w.-]+\.usearch$/)), bytes: Count, crc: Count })),
});
const Manifest = v.object({
  format: v.literal(FORMAT),
  epoch: v.string(),
  dims: v.array(Count),
  segments: v.array(SegmentRecord),
});

/** Dimensions of the graphs of a segment: one per branch, and one for combined, which holds all branches side by side. */
export const columnDims = (dims: readonly number[]): number[] => [...dims, dims.reduce((sum, dim) => sum + dim, 0)];

type SegmentRecord = v.InferOutput<typeof SegmentRecord>;

/** A part of the index that does not change any more: a graph per column over the rows of a range of revisions. */
export interface Segment extends SegmentRecord {
  /** By column. */
  readonly indexes: readonly NativeIndex[];
}

/**
 * Reads which segments there are, and maps them into memory. Those of another database, of another model, of another
 * version, and those whose files are not whole, count as if they were not there.
 * @param folder of the segments
 * @param epoch of the database
 */
export async function readSegments(
  folder: string,
  epoch: string,
  dims: readonly number[],
  usearch: Usearch,
): Promise<Segment[]> {
  const manifest = await readManifest(folder);
  if (manifest?.epoch !== epoch || manifest.dims.join() !== dims.join()) return [];
  const segments: Segment[] = [];
  for (const record of manifest.segments) {
    // Ranges are a chain: behind a gap nothing counts, what is missing is built again.
    if (record.after !== (segments.at(-1)?.upTo ?? 0)) break;
    const segment = await openSegment(folder, record, dims, usearch);
    if (segment === null) break;
    segments.push(segment);
  }
  return segments;
}

async function readManifest(folder: string): Promise<v.InferOutput<typeof Manifest> | null> {
  try {
    return v.parse(
      Manifest,
      JSON.parse((await readRegularFile(join(folder, MANIFEST), MAX_MANIFEST)).toString("utf8")),
    );
  } catch {
    return null;
  }
}

async function openSegment(
  folder: string,
  record: SegmentRecord,
  dims: readonly number[],
  usearch: Usearch,
): Promise<Segment | null> {
  const columns = columnDims(dims);
  if (record.files.length !== columns.length) return null;
  try {
    const indexes: NativeIndex[] = [];
    for (const [c, { name, bytes, crc }] of record.files.entries()) {
      const file = join(folder, name);
      // Mapped before its end was written, it would end the process at the first read behind the end.
      if ((await fs.stat(file)).size !== bytes) return null;
      // Native code takes what it is given: a damaged graph leads it anywhere in memory, and one that somebody made has the right checksum.
      if ((await checksumOf(file)) !== crc || !(await isGraph(file, columns[c]!, record.rows))) return null;
      const index = NativeIndex.view(usearch, columns[c]!, file);
      if (index.size !== record.rows) return null;
      indexes.push(index);
    }
    return { ...record, indexes };
  } catch {
    return null;
  }
}

/** Bytes that are read at once. */
const CHUNK = 1 << 22;
/** What this process found out about files, by their state: they never change. */
const checksums = new Map<string, number>();
const graphs = new Map<string, boolean>();

/** CRC-32 of a file. */
export function checksumOf(file: string): Promise<number> {
  return found(checksums, file, "", async (handle, size) => {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size)));
    let crc = 0;
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return crc;
      crc = crc32(chunk.subarray(0, bytesRead), crc);
    }
  });
}

function isGraph(file: string, dim: number, rows: number): Promise<boolean> {
  return found(graphs, file, `${dim} ${rows}`, (handle) => NativeIndex.isSaved(handle, dim, rows));
}

/** What is asked of a file, or what it was when it was asked before. */
async function found<T>(
  known: Map<string, T>,
  file: string,
  question: string,
  ask: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const handle = await openRegularFile(file);
  try {
    const { ino, size, mtimeMs, ctimeMs } = await handle.stat();
    const key = `${file} ${ino} ${size} ${mtimeMs} ${ctimeMs} ${question}`;
    const answer = known.get(key) ?? (await ask(handle, size));
    known.set(key, answer);
    return answer;
  } finally {
    await handle.close();
  }
}

/** Makes it true that these are the segments, in one step, and takes away the files of all others. */
export async function writeSegments(
  folder: string,
  epoch: string,
  dims: readonly number[],
  segments: readonly Segment[],
): Promise<void> {
  const records = segments.map(({ indexes: _, ...record }) => record);
  const manifest = { format: FORMAT, epoch, dims, segments: records };
  await writeFileAtomically(join(folder, MANIFEST), Buffer.from(JSON.stringify(manifest)));
  const kept = new Set(records.flatMap(({ files }) => files.map(({ name }) => name)));
  for (const name of await fs.readdir(folder)) {
    // A file that a process still has mapped cannot be deleted on Windows; the next change tries again.
    if (/\.usearch(\.part)?$/.test(name) && !kept.has(name)) await fs.rm(join(folder, name)).catch(() => {});
  }
}
