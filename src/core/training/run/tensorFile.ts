import { promises as fs } from "node:fs";
import { crc32 } from "node:zlib";
import { writeAtomically } from "../../files/index.ts";

/**
 * Named float32 arrays with some JSON, in one file: checkpoints, and embeddings that a resumed run need not make again.
 * Layout: 8 bytes of magic, the length of the header as uint32, the header as JSON, then the arrays one after another,
 * little endian as on every platform that Lookalike runs on.
 */
const MAGIC = "LKTENS1\n";

/** A call of the file system moves 2 GiB at most. */
const CHUNK = 2 ** 28;

export interface TensorFile {
  readonly meta: unknown;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

interface Header {
  readonly meta: unknown;
  /** With the CRC-32 of each one's values; files of before have none. */
  readonly tensors: readonly { readonly name: string; readonly length: number; readonly crc?: number }[];
}

/** Whole or not at all. @throws FileError where it cannot be written */
export function writeTensorFile(
  file: string,
  meta: unknown,
  tensors: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const named = [...tensors].map(([name, values]) => ({ name, length: values.length, crc: crc32(bytesOf(values)) }));
  const header: Header = { meta, tensors: named };
  const text = new TextEncoder().encode(JSON.stringify(header));
  return writeAtomically(file, async (write) => {
    await write(Buffer.from(MAGIC, "latin1"));
    await write(new Uint8Array(Uint32Array.of(text.length).buffer));
    await write(text);
    for (const values of tensors.values()) {
      const bytes = bytesOf(values);
      for (let at = 0; at < bytes.length; at += CHUNK) await write(bytes.subarray(at, at + CHUNK));
    }
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @returns null where there is no such file, or one that is damaged */
export async function readTensorFile(file: string): Promise<TensorFile | null> {
  const handle = await fs.open(file, "r").catch(() => null);
  if (handle === null) return null;
  try {
    let position = 0;
    const read = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(CHUNK, bytes.length - at), position);
        if (bytesRead === 0) throw new RangeError("the file ends early");
        at += bytesRead;
        position += bytesRead;
      }
    };
    const start = new Uint8Array(MAGIC.length + 4);
    await read(start);
    if (Buffer.from(start.subarray(0, MAGIC.length)).toString("latin1") !== MAGIC) return null;
    const { size } = await handle.stat();
    const length = new DataView(start.buffer).getUint32(MAGIC.length, true);
    if (length > size) return null;
    const text = new Uint8Array(length);
    await read(text);
    const header = JSON.parse(new TextDecoder().decode(text)) as Header;
    const values = header.tensors.reduce((sum, tensor) => sum + tensor.length, 0);
    if (size !== position + 4 * values) return null;
    const tensors = new Map<string, Float32Array>();
    for (const tensor of header.tensors) {
      const bytes = new Uint8Array(4 * tensor.length);
      await read(bytes);
      // A flipped bit would be trained on.
      if (tensor.crc !== undefined && tensor.crc !== crc32(bytes)) return null;
      tensors.set(tensor.name, new Float32Array(bytes.buffer));
    }
    return { meta: header.meta, tensors };
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
