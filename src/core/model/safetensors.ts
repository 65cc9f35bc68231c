import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { getFloat16 } from "@petamoriken/float16";
import * as v from "valibot";
import { readRegularFileSync } from "../files/index.ts";
import { ModelError } from "./errors.ts";

/** The format's own limit for a header. */
const MAX_HEADER = 100_000_000;
/** As for a foreign network: more than any has. */
const MOST_TENSORS = 50_000;
/** Weights are held in memory as a whole; a ResNet-50 has 0.1 GB. */
const MAX_FILE = 2 ** 30;

/** Bytes per value of each element type of the format. */
const SIZES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof SIZES;

export interface TensorInfo {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A float32 tensor, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const HeaderSchema = v.record(v.string(), v.unknown());
const MetadataSchema = v.record(v.string(), v.string());
const EntrySchema = v.strictObject({
  dtype: v.picklist(Object.keys(SIZES) as Dtype[]),
  shape: v.pipe(v.array(whole), v.maxLength(16)),
  data_offsets: v.tuple([whole, whole]),
});
type Entry = v.InferOutput<typeof EntrySchema>;

/** The tensors of a safetensors file: u64 length, JSON header, then the values, little-endian and without gaps. */
export class Safetensors {
  /** Free text of the file's writer. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #file: string;
  readonly #bytes: Uint8Array;
  #entries: ReadonlyMap<string, Entry>;
  readonly #data: Uint8Array;

  /**
   * @param file name for error messages
   * @throws ModelError where the bytes are no safetensors file, are cut short, or their offsets contradict each other
   */
  constructor(bytes: Uint8Array, file: string) {
    this.#file = file;
    this.#bytes = bytes;
    const { header, data } = split(bytes, file);
    if (Object.keys(header).length > MOST_TENSORS) {
      throw new ModelError(`${file} has more than ${MOST_TENSORS} tensors, more than any network that can be taken.`);
    }
    const { __metadata__, ...tensors } = header;
    const metadata = v.safeParse(v.optional(MetadataSchema, {}), __metadata__);
    if (!metadata.success) throw damaged(file, `__metadata__: ${metadata.issues[0].message}`);
    this.metadata = new Map(Object.entries(metadata.output));
    this.#entries = new Map(Object.entries(tensors).map(([name, entry]) => [name, readEntry(entry, name, file)]));
    this.#data = data;
    checkOffsets(this.#entries, data.length, file);
  }

  /** Of the whole file, hex. */
  get sha256(): string {
    return createHash("sha256").update(this.#bytes).digest("hex");
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /**
   * The same file under other names.
   * @param rename the new name of a tensor; undefined leaves it out
   * @throws ModelError where two tensors would have one name
   */
  withNames(rename: (name: string) => string | undefined): Safetensors {
    const entries = new Map<string, Entry>();
    for (const [name, entry] of this.#entries) {
      const own = rename(name);
      if (own === undefined) continue;
      if (entries.has(own)) throw new ModelError(`${this.#file} has two tensors that would be ${own}.`);
      entries.set(own, entry);
    }
    const renamed = new Safetensors(this.#bytes, this.#file);
    renamed.#entries = entries;
    return renamed;
  }

  info(name: string): TensorInfo | undefined {
    return this.#entries.get(name);
  }

  /**
   * A tensor of F64, F32, F16 or BF16 as float32.
   * @throws ModelError where there is none of that name, or it holds other numbers
   */
  floats(name: string): FloatTensor {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new ModelError(`${this.#file} has no tensor named ${name}.`);
    const { dtype, shape, data_offsets } = entry;
    const bytes = this.#data.subarray(...data_offsets);
    // Every platform that this runs on is little-endian, as the format is. The copy brings the values to an even address.
    if (dtype === "F32") return { shape, values: new Float32Array(Uint8Array.from(bytes).buffer) };
    const decode = DECODERS[dtype];
    if (decode === undefined) {
      throw new ModelError(`${name} in ${this.#file} is of type ${dtype}; weights must be F64, F32, F16 or BF16.`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = SIZES[dtype];
    const values = new Float32Array(bytes.length / size);
    for (let i = 0; i < values.length; i++) values[i] = decode(view, i * size);
    return { shape, values };
  }
}

const DECODERS: Partial<Record<Dtype, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => getFloat16(view, at, true),
  // The upper half of a float32.
  BF16: (view, at) => {
    BITS.setUint32(0, view.getUint16(at, true) << 16);
    return BITS.getFloat32(0);
  },
};
const BITS = new DataView(new ArrayBuffer(4));

/** Opens a safetensors file. @throws ModelError where it cannot be read or is not as the format wants it */
export function readSafetensors(file: string): Safetensors {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE) {
      throw new ModelError(`${file} has ${(size / 1e9).toFixed(1)} GB; weights of more than 1.1 GB are not read.`);
    }
    bytes = readRegularFileSync(file);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return new Safetensors(bytes, file);
}

function split(bytes: Uint8Array, file: string): { header: Record<string, unknown>; data: Uint8Array } {
  const foreign = `${file} is not a safetensors file. Give a file that ends in .safetensors.`;
  if (bytes.length < 8) throw new ModelError(foreign);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER || (bytes.length > 8 && bytes[8] !== "{".charCodeAt(0))) throw new ModelError(foreign);
  const start = 8 + Number(length);
  if (start > bytes.length) throw truncated(file);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw new ModelError(foreign, { cause });
  }
  const header = v.safeParse(HeaderSchema, json);
  if (!header.success) throw new ModelError(foreign);
  return { header: header.output, data: bytes.subarray(start) };
}

function readEntry(entry: unknown, name: string, file: string): Entry {
  const parsed = v.safeParse(EntrySchema, entry);
  if (!parsed.success) throw damaged(file, `${name}: ${parsed.issues[0].message}`);
  const { dtype, shape, data_offsets } = parsed.output;
  const bytes = shape.reduce((product, n) => product * n, SIZES[dtype]);
  const given = data_offsets[1] - data_offsets[0];
  if (given !== bytes) throw damaged(file, `${name} should have ${bytes} bytes, not ${given}`);
  return parsed.output;
}

/** The format allows neither gaps nor overlap: what lies in no tensor could hide anything. */
function checkOffsets(entries: ReadonlyMap<string, Entry>, length: number, file: string): void {
  let end = 0;
  const sorted = [...entries].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  for (const [name, { data_offsets }] of sorted) {
    if (data_offsets[0] !== end) {
      throw damaged(file, `${name} ${data_offsets[0] < end ? "overlaps another tensor" : "leaves a gap before it"}`);
    }
    end = data_offsets[1];
  }
  if (end > length) throw truncated(file);
  if (end < length) throw damaged(file, `${length - end} bytes at its end belong to no tensor`);
}

function truncated(file: string): ModelError {
  return new ModelError(`${file} is cut short. Download or copy it again.`);
}

function damaged(file: string, why: string): ModelError {
  return new ModelError(`${file} is damaged (${why}). Download or copy it again.`);
}

/**
 * Writes float32 tensors as a safetensors file, in the order given: the same tensors give the same bytes.
 * @throws ModelError where a shape does not fit its values
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const entries = [...tensors].map(([name, { shape, values }]): [string, Entry] => {
    const begin = end;
    end += values.length * 4;
    if (shape.reduce((product, n) => product * n, 1) !== values.length) {
      throw new ModelError(`${name} has ${values.length} values, which do not fill the shape [${shape.join(", ")}].`);
    }
    return [name, { dtype: "F32", shape: [...shape], data_offsets: [begin, end] }];
  });
  const described = Object.keys(metadata).length > 0 ? [["__metadata__", metadata] as const] : [];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...described, ...entries])));
  // Spaces after the JSON bring the values to a multiple of eight.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(" ".charCodeAt(0), 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}
