import { Float16Array } from "@petamoriken/float16";
import { ModelError } from "../errors.ts";

/** Kinds of operators and of tensors that are known here, by their numbers in TensorFlow Lite's schema. */
const OPERATORS: Readonly<Record<number, TfliteOp["kind"]>> = {
  0: "Add",
  3: "Conv",
  4: "Depthwise",
  6: "Dequantize",
};
const [FLOAT32, FLOAT16] = [0, 1];
/** Of the enumerations `Padding` and `ActivationFunctionType`. */
const [SAME, RELU6] = [0, 3];

export interface TfliteOp {
  readonly kind: "Add" | "Conv" | "Depthwise" | "Dequantize" | "other";
  /** Tensors by number; -1 where an optional one is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Vertical and horizontal; 1 where the kind has none. */
  readonly strides: readonly [number, number];
  /** Whether the padding keeps the size at stride 1. */
  readonly same: boolean;
  readonly relu6: boolean;
}

export interface TfliteTensor {
  readonly shape: readonly number[];
  /** Of a constant; null for what is computed. */
  readonly values: Float32Array | null;
}

export interface TfliteGraph {
  readonly inputs: readonly number[];
  readonly ops: readonly TfliteOp[];
  readonly tensors: readonly TfliteTensor[];
}

/** A table of a FlatBuffers file: fields are found through its vtable, by their number in the schema. */
class Table {
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  #field(number: number): number | null {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const entry = 4 + 2 * number;
    if (entry >= this.#view.getUint16(vtable, true)) return null;
    const offset = this.#view.getUint16(vtable + entry, true);
    return offset === 0 ? null : this.#at + offset;
  }

  byte(number: number): number {
    const at = this.#field(number);
    return at === null ? 0 : this.#view.getInt8(at);
  }

  int(number: number, absent = 0): number {
    const at = this.#field(number);
    return at === null ? absent : this.#view.getInt32(at, true);
  }

  table(number: number): Table | null {
    const at = this.#field(number);
    return at === null ? null : new Table(this.#view, at + this.#view.getUint32(at, true));
  }

  /** Where a vector's items begin, and how many there are. */
  #vector(number: number): readonly [at: number, length: number] {
    const at = this.#field(number);
    if (at === null) return [0, 0];
    const start = at + this.#view.getUint32(at, true);
    return [start + 4, this.#view.getUint32(start, true)];
  }

  ints(number: number): number[] {
    const [at, length] = this.#vector(number);
    return Array.from({ length }, (_, i) => this.#view.getInt32(at + 4 * i, true));
  }

  tables(number: number): Table[] {
    const [at, length] = this.#vector(number);
    return Array.from({ length }, (_, i) => new Table(this.#view, at + 4 * i + this.#view.getUint32(at + 4 * i, true)));
  }

  /** A copy. */
  bytes(number: number): Uint8Array<ArrayBuffer> {
    const [at, length] = this.#vector(number);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length).slice();
  }
}

/**
 * Reads the first graph of a TensorFlow Lite file, as far as networks of convolutions need it (schema.fbs of TensorFlow, version 3).
 * @param bytes the file
 * @throws ModelError where it is none
 */
export function readTfliteGraph(bytes: Uint8Array, file: string): TfliteGraph {
  if (new TextDecoder().decode(bytes.subarray(4, 8)) !== "TFL3") {
    throw new ModelError(`${file} is not a TensorFlow Lite file.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const model = new Table(view, view.getUint32(0, true));
  const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
  const buffers = model.tables(4);
  const graph = model.tables(2)[0];
  if (graph === undefined) throw new ModelError(`${file} holds no graph.`);
  return {
    inputs: graph.ints(1),
    tensors: graph.tables(0).map((tensor) => ({
      shape: tensor.ints(0),
      values: valuesOf(buffers[tensor.int(2)]?.bytes(0), tensor.byte(1)),
    })),
    ops: graph.tables(3).map((op): TfliteOp => {
      const kind = OPERATORS[codes[op.int(0)]!] ?? "other";
      const options = op.table(4);
      const convolves = kind === "Conv" || kind === "Depthwise";
      const activation = { Add: 0, Conv: 3, Depthwise: 4, Dequantize: -1, other: -1 }[kind];
      return {
        kind,
        inputs: op.ints(1),
        outputs: op.ints(2),
        strides: convolves ? [options?.int(2, 1) ?? 1, options?.int(1, 1) ?? 1] : [1, 1],
        same: (options?.byte(0) ?? SAME) === SAME,
        relu6: activation >= 0 && options?.byte(activation) === RELU6,
      };
    }),
  };
}

/** Constants of other types are none that a convolution needs. */
function valuesOf(bytes: Uint8Array<ArrayBuffer> | undefined, type: number): Float32Array | null {
  if (bytes === undefined || bytes.length === 0) return null;
  if (type === FLOAT32) return new Float32Array(bytes.buffer);
  return type === FLOAT16 ? Float32Array.from(new Float16Array(bytes.buffer)) : null;
}
