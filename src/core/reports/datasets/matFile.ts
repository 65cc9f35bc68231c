import { inflateSync } from "node:zlib";

/** A value of a MAT-file: numbers and texts as they are, cells as arrays, structs as an array of records. */
export type MatValue = string | readonly number[] | readonly MatValue[] | readonly MatRecord[];
export interface MatRecord {
  readonly [field: string]: MatValue;
}

/** A file that is no MAT-file of level 5, or is damaged. */
export class MatFileError extends Error {
  override readonly name = "MatFileError";
}

/** Types of a data element, and classes of an array ("MAT-File Format", The MathWorks, tables 1-1 and 1-3). */
const MATRIX = 14;
const COMPRESSED = 15;
const CELL = 1;
const STRUCT = 2;
const CHAR = 4;
const LAST_NUMERIC = 15;
/** Of what a compressed element may become. Bytes. */
const LARGEST = 256 * 2 ** 20;
/** Cells and structs inside each other. */
const DEEPEST = 16;

interface Element {
  readonly type: number;
  readonly data: DataView;
}

/**
 * Reads the variables of a MAT-file of level 5, as MATLAB's `save` writes it (`-v6` and `-v7`), little or big endian: numbers,
 * texts, cells and structs; what else there may be is passed over.
 * @throws MatFileError
 */
export function readMatFile(bytes: Uint8Array): Map<string, MatValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 128) throw new MatFileError("it is too short for a MAT-file");
  const order = String.fromCharCode(view.getUint8(126), view.getUint8(127));
  if (order !== "IM" && order !== "MI") throw new MatFileError("it is no MAT-file of level 5 (save it with -v7)");
  const reader = new MatReader(order === "IM");
  try {
    const variables = new Map<string, MatValue>();
    for (const element of reader.elements(part(view, 128, view.byteLength - 128))) {
      const read = reader.matrix(element, 0);
      if (read !== undefined) variables.set(read.name, read.value);
    }
    return variables;
  } catch (error) {
    if (error instanceof MatFileError) throw error;
    throw new MatFileError("it is damaged", { cause: error });
  }
}

class MatReader {
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  *elements(view: DataView): Generator<Element> {
    for (let at = 0; at + 8 <= view.byteLength; ) {
      const tag = view.getUint32(at, this.#little);
      // A small element holds its data in the second half of its tag.
      const small = tag >>> 16;
      const type = small > 0 ? tag & 0xffff : tag;
      const size = small > 0 ? small : view.getUint32(at + 4, this.#little);
      const start = small > 0 ? at + 4 : at + 8;
      if (start + size > view.byteLength) throw new MatFileError("it ends too early");
      const data = part(view, start, size);
      if (type === COMPRESSED) {
        const inflated = inflateSync(new Uint8Array(data.buffer, data.byteOffset, size), { maxOutputLength: LARGEST });
        yield* this.elements(new DataView(inflated.buffer, inflated.byteOffset, inflated.byteLength));
        at = start + size;
      } else {
        yield { type, data };
        at = small > 0 ? at + 8 : start + Math.ceil(size / 8) * 8;
      }
    }
  }

  matrix({ type, data }: Element, depth: number): { readonly name: string; readonly value: MatValue } | undefined {
    if (type !== MATRIX || data.byteLength === 0) return undefined;
    if (depth > DEEPEST) throw new MatFileError("its cells lie too deep in each other");
    const parts = [...this.elements(data)];
    const kind = this.#numbers(parts[0]!)[0]! & 0xff;
    const count = this.#numbers(parts[1]!).reduce((product, size) => product * size, 1);
    const name = this.#text(parts[2]!);
    const rest = parts.slice(3);
    if (kind === CELL) return { name, value: rest.map((each) => this.#valueOf(each, depth)) };
    if (kind === STRUCT) return { name, value: this.#records(rest, count, depth) };
    if (kind === CHAR) return { name, value: rest[0] === undefined ? "" : this.#text(rest[0]) };
    if (kind > CHAR && kind <= LAST_NUMERIC)
      return { name, value: rest[0] === undefined ? [] : this.#numbers(rest[0]) };
    return undefined;
  }

  #valueOf(element: Element, depth: number): MatValue {
    return this.matrix(element, depth + 1)?.value ?? [];
  }

  #records([width, names, ...values]: readonly Element[], count: number, depth: number): MatRecord[] {
    const length = this.#numbers(width!)[0]!;
    const bytes = new Uint8Array(names!.data.buffer, names!.data.byteOffset, names!.data.byteLength);
    const fields = Array.from({ length: Math.floor(bytes.length / length) }, (_, i) =>
      Buffer.from(bytes.subarray(i * length, (i + 1) * length))
        .toString("latin1")
        .replace(/\0.*$/s, ""),
    );
    if (values.length < count * fields.length) throw new MatFileError("a struct of it has too few values");
    return Array.from({ length: count }, (_, i) =>
      Object.fromEntries(fields.map((field, f) => [field, this.#valueOf(values[i * fields.length + f]!, depth)])),
    );
  }

  #text({ type, data }: Element): string {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (type === 16 || type === 1 || type === 2) return bytes.toString("utf8");
    return String.fromCharCode(...this.#numbers({ type, data }));
  }

  #numbers({ type, data }: Element): number[] {
    const little = this.#little;
    const read: Readonly<Record<number, readonly [size: number, at: (at: number) => number]>> = {
      1: [1, (at) => data.getInt8(at)],
      2: [1, (at) => data.getUint8(at)],
      3: [2, (at) => data.getInt16(at, little)],
      4: [2, (at) => data.getUint16(at, little)],
      5: [4, (at) => data.getInt32(at, little)],
      6: [4, (at) => data.getUint32(at, little)],
      7: [4, (at) => data.getFloat32(at, little)],
      9: [8, (at) => data.getFloat64(at, little)],
      12: [8, (at) => Number(data.getBigInt64(at, little))],
      13: [8, (at) => Number(data.getBigUint64(at, little))],
      17: [2, (at) => data.getUint16(at, little)],
    };
    const known = read[type];
    if (known === undefined) throw new MatFileError(`it holds data of an unknown type (${type})`);
    const [size, at] = known;
    return Array.from({ length: Math.floor(data.byteLength / size) }, (_, i) => at(i * size));
  }
}

function part(view: DataView, start: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + start, length);
}
