import { TensorProto_DataType } from "onnx-buf";
import { replaceConstants, storedNode, storedTensor } from "./replaceConstants.ts";

/** As many values as a byte can name. */
const SIZE = 256;

/**
 * Quarters a model file whose weights were once stored as bytes: a large float32 constant of at most 256 different
 * values becomes a table of them and a byte per value, read by Gather. The values come back bit by bit.
 * @param file its name, for messages
 * @throws ModelError where the file is no model of ours
 */
export function toPalette(bytes: Uint8Array, file: string): Uint8Array {
  return replaceConstants(bytes, file, (name, { values, dims }) => {
    const palette = paletteOf(values);
    if (palette === undefined) return undefined;
    const [table, index, whole] = [`${name}_palette`, `${name}_index`, `${name}_index_int32`];
    return {
      tensors: [
        storedTensor(table, TensorProto_DataType.FLOAT, palette.table, [palette.table.length]),
        storedTensor(index, TensorProto_DataType.UINT8, palette.index, dims),
      ],
      nodes: [
        storedNode("Cast", [index], whole, { to: TensorProto_DataType.INT32 }),
        storedNode("Gather", [table, whole], name, { axis: 0 }),
      ],
    };
  });
}

/** @returns undefined where there are more than 256 different values */
function paletteOf(values: Float32Array): { table: Float32Array; index: Uint8Array } | undefined {
  // By their bits: 0 and -0 differ, and NaN is equal to itself.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const places = new Map<number, number>();
  const index = new Uint8Array(values.length);
  for (const [i, pattern] of bits.entries()) {
    let place = places.get(pattern);
    if (place === undefined) {
      if (places.size === SIZE) return undefined;
      place = places.size;
      places.set(pattern, place);
    }
    index[i] = place;
  }
  return { table: new Float32Array(Uint32Array.from(places.keys()).buffer), index };
}
