import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProto_DataType, TensorProtoSchema } from "onnx-buf";

/** Integers of a shape-like tensor (int64 or int32), however they are stored; undefined for other types. */
export function intsOf(tensor: TensorProto): number[] | undefined {
  const { dataType, rawData, int64Data, int32Data } = tensor;
  if (dataType === TensorProto_DataType.INT64) {
    if (rawData.length === 0) return int64Data.map(Number);
    const view = viewOf(rawData);
    return Array.from({ length: Math.floor(rawData.length / 8) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }
  if (dataType === TensorProto_DataType.INT32) {
    if (rawData.length === 0) return [...int32Data];
    const view = viewOf(rawData);
    return Array.from({ length: Math.floor(rawData.length / 4) }, (_, i) => view.getInt32(4 * i, true));
  }
  return undefined;
}

/** Values of a small float32 tensor; undefined for other types. */
export function floatsOf(tensor: TensorProto): number[] | undefined {
  if (tensor.dataType !== TensorProto_DataType.FLOAT) return undefined;
  const { rawData } = tensor;
  if (rawData.length === 0) return [...tensor.floatData];
  const view = viewOf(rawData);
  return Array.from({ length: Math.floor(rawData.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

/** An int64 vector. */
export function intTensor(name: string, values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.INT64,
    dims: [BigInt(values.length)],
    int64Data: values.map(BigInt),
  });
}

/** A float32 vector. */
export function floatTensor(name: string, values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: [BigInt(values.length)],
    floatData: [...values],
  });
}

export interface NotFinite {
  readonly nan: boolean;
  readonly infinite: boolean;
}

/** Looks for NaN and infinity in a floating-point tensor of any width. */
export function notFinite(tensor: TensorProto): NotFinite {
  const { dataType, rawData } = tensor;
  switch (dataType) {
    case TensorProto_DataType.FLOAT:
      return rawData.length === 0
        ? scanNumbers(tensor.floatData)
        : scanBits(new Uint32Array(aligned(rawData, 4)), 0x7f800000);
    case TensorProto_DataType.FLOAT16:
      return scanBits(halves(tensor), 0x7c00);
    case TensorProto_DataType.BFLOAT16:
      return scanBits(halves(tensor), 0x7f80);
    case TensorProto_DataType.DOUBLE:
      return scanNumbers(rawData.length === 0 ? tensor.doubleData : new Float64Array(aligned(rawData, 8)));
    default:
      return { nan: false, infinite: false };
  }
}

/** The 16 bits of each value: ONNX stores halves in `int32Data` where it does not use `rawData`. */
function halves({ rawData, int32Data }: TensorProto): Uint16Array {
  return rawData.length === 0 ? Uint16Array.from(int32Data) : new Uint16Array(aligned(rawData, 2));
}

/** @param exponent the exponent's bits, all set in NaN and infinity, just above the mantissa's */
function scanBits(values: Uint16Array | Uint32Array, exponent: number): NotFinite {
  const mantissa = (exponent & -exponent) - 1;
  let [nan, infinite] = [false, false];
  for (const bits of values) {
    if ((bits & exponent) !== exponent) continue;
    if ((bits & mantissa) === 0) infinite = true;
    else nan = true;
  }
  return { nan, infinite };
}

function scanNumbers(values: Iterable<number>): NotFinite {
  let [nan, infinite] = [false, false];
  for (const x of values) {
    if (Number.isNaN(x)) nan = true;
    else if (!Number.isFinite(x)) infinite = true;
  }
  return { nan, infinite };
}

/** The bytes in a buffer of their own, cut to whole values: a typed array cannot start anywhere in a file. */
function aligned(bytes: Uint8Array<ArrayBuffer>, width: number): ArrayBuffer {
  const end = bytes.byteOffset + bytes.byteLength - (bytes.byteLength % width);
  return bytes.buffer.slice(bytes.byteOffset, end);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
