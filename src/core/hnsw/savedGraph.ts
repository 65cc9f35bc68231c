import type { FileHandle } from "node:fs/promises";

/**
 * A saved graph, as usearch 2 writes it (include/usearch/index_dense.hpp and index.hpp; little-endian):
 * rows and bytes of a vector (uint32 each), the vectors; a head of 64 bytes; five uint64: nodes, links, links of the lowest level, highest
 * level, entry; an int16 per node, its level; the nodes: key (uint64), level (int16), and per level from 0 the number of links (uint32) with room
 * for as many slots (uint32) as there may be.
 */
const HEAD = 64;
const HEADER = 5 * 8;
const NODE = 8 + 2;
const LEVEL = 2;
const MAGIC = "usearch";
const MAJOR = 2;
/** Before it the kinds have other numbers. */
const MINOR = 10;
/** Inner product of float16, keys of 64 bits and slots of 32. */
const KINDS = ["i".charCodeAt(0), 12, 14, 15];
/** Bytes of nodes that are looked at before others have their turn. */
const CHUNK = 1 << 20;

export interface GraphForm {
  readonly dim: number;
  readonly rows: number;
  /** Links of a node above the lowest level, where it has twice as many. */
  readonly links: number;
}

/**
 * Whether a file has the form of a graph: native code follows its numbers without looking at them, so that one that leads out
 * of the file would end the process, or worse. Of the vectors only the size is looked at: any values are a vector.
 */
export async function isGraph(handle: FileHandle, { dim, rows, links }: GraphForm): Promise<boolean> {
  const { size } = await handle.stat();
  const vectors = 8 + rows * 2 * dim;
  const start = vectors + HEAD + HEADER;
  if (rows < 1 || size < start + rows * (LEVEL + NODE)) return false;
  const matrix = await read(handle, 0, 8);
  if (matrix.getUint32(0, true) !== rows || matrix.getUint32(4, true) !== 2 * dim) return false;
  const head = await read(handle, vectors, HEAD + HEADER);
  if (!isHead(head, dim)) return false;
  const [nodes, above, lowest, highest, entry] = Array.from({ length: 5 }, (_, i) =>
    Number(head.getBigUint64(HEAD + 8 * i, true)),
  ) as [number, number, number, number, number];
  if (nodes !== rows || above !== links || lowest !== 2 * links || entry >= rows) return false;
  const levels = await read(handle, start, LEVEL * rows);
  const levelOf = (slot: number) => levels.getInt16(LEVEL * slot, true);
  const bytesOf = (level: number) => NODE + 4 + 4 * lowest + level * (4 + 4 * links);
  let total = start + LEVEL * rows;
  for (let slot = 0; slot < rows; slot++) {
    const level = levelOf(slot);
    if (level < 0 || level > highest) return false;
    total += bytesOf(level);
  }
  if (total !== size || levelOf(entry) !== highest) return false;

  for await (const [chunk, first] of nodeChunks(handle, start + LEVEL * rows, rows, (slot) => bytesOf(levelOf(slot)))) {
    let offset = 0;
    for (let slot = first; offset < chunk.byteLength; slot++) {
      const level = levelOf(slot);
      if (chunk.getInt16(offset + 8, true) !== level) return false;
      offset += NODE;
      for (let l = 0; l <= level; l++) {
        const most = l === 0 ? lowest : links;
        const count = chunk.getUint32(offset, true);
        if (count > most) return false;
        for (let i = 1; i <= count; i++) {
          const other = chunk.getUint32(offset + 4 * i, true);
          // On a level that the other one has not, its links would be read from behind it.
          if (other >= rows || levelOf(other) < l) return false;
        }
        offset += 4 + 4 * most;
      }
    }
  }
  return true;
}

/** Nodes in pieces of some size, each with the number of its first one. */
async function* nodeChunks(
  handle: FileHandle,
  at: number,
  rows: number,
  bytesOf: (slot: number) => number,
): AsyncGenerator<readonly [chunk: DataView, first: number]> {
  for (let slot = 0; slot < rows; ) {
    const first = slot;
    let bytes = 0;
    while (slot < rows && bytes < CHUNK) bytes += bytesOf(slot++);
    yield [await read(handle, at, bytes), first];
    at += bytes;
  }
}

function isHead(head: DataView, dim: number): boolean {
  const magic = String.fromCharCode(...Array.from(MAGIC, (_, i) => head.getUint8(i)));
  const [deleted, dimensions] = [head.getBigUint64(25, true), head.getBigUint64(33, true)];
  return (
    magic === MAGIC &&
    head.getUint16(7, true) === MAJOR &&
    head.getUint16(9, true) >= MINOR &&
    KINDS.every((kind, i) => head.getUint8(13 + i) === kind) &&
    deleted === 0n &&
    dimensions === BigInt(dim) &&
    head.getUint8(41) === 0
  );
}

/** @throws RangeError where the file ends before */
async function read(handle: FileHandle, at: number, bytes: number): Promise<DataView> {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw new RangeError("The file ends before its graph does.");
    done += bytesRead;
  }
  return new DataView(buffer.buffer, buffer.byteOffset, bytes);
}
