import { create } from "@bufbuild/protobuf";
import { type NodeProto, type TensorProto, TensorProto_DataType, TensorProtoSchema } from "onnx-buf";
import type { Dims } from "../../attributes.ts";

/** A tensor that no picture changes: a weight, or arithmetic with sizes. */
export interface Known {
  readonly dims: Dims;
  readonly values: ArrayLike<number>;
  /** Whether its values are whole numbers or truth values. */
  readonly whole: boolean;
}

/** Reads a constant; undefined for types that no network for images computes with. */
export function knownTensor(tensor: TensorProto): Known | undefined {
  const dims = tensor.dims.map(Number);
  const { dataType, rawData, floatData, int32Data, int64Data } = tensor;
  const bytes = Uint8Array.from(rawData);
  switch (dataType) {
    case TensorProto_DataType.FLOAT: {
      const values = rawData.length > 0 ? new Float32Array(bytes.buffer) : Float32Array.from(floatData);
      return { dims, values, whole: false };
    }
    case TensorProto_DataType.INT64: {
      const values = rawData.length > 0 ? Array.from(new BigInt64Array(bytes.buffer), Number) : int64Data.map(Number);
      return { dims, values, whole: true };
    }
    case TensorProto_DataType.INT32: {
      const values = rawData.length > 0 ? Array.from(new Int32Array(bytes.buffer)) : int32Data;
      return { dims, values, whole: true };
    }
    case TensorProto_DataType.BOOL:
      return { dims, values: rawData.length > 0 ? Array.from(rawData) : int32Data, whole: true };
    default:
      return undefined;
  }
}

/** What Shape and Size give. */
export function shapeOf({ opType, attribute }: NodeProto, dims: Dims): Known {
  if (opType === "Size") return { dims: [], values: [dims.reduce((product, n) => product * n, 1)], whole: true };
  const at = (name: string) => attribute.find((each) => each.name === name)?.i;
  const values = dims.slice(Number(at("start") ?? 0), at("end") === undefined ? undefined : Number(at("end")));
  return { dims: [values.length], values, whole: true };
}

/** The part of the first picture, where it is the same for all. */
export function oneOf({ dims, values, whole }: Known): Known | undefined {
  const length = values.length / dims[0]!;
  if (whole || dims.length < 2) return undefined;
  for (let i = length; i < values.length; i++) if (values[i] !== values[i - length]) return undefined;
  return { dims: [1, ...dims.slice(1)], values: Array.from(values).slice(0, length), whole };
}

/** A constant of a graph: float32, or int64. */
export function tensorOf(name: string, { dims, values, whole }: Known): TensorProto {
  const data = whole ? BigInt64Array.from(Array.from(values), BigInt) : Float32Array.from(values);
  const dataType = whole ? TensorProto_DataType.INT64 : TensorProto_DataType.FLOAT;
  const rawData = new Uint8Array(data.buffer);
  return create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) });
}
