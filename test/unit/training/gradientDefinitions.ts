/** What operators are by their definitions, in float64. */
import type { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { type Dims, sizeOf } from "../../../src/core/training/attributes.ts";

/** A tensor in float64. */
interface Plain {
  readonly dims: Dims;
  readonly values: readonly number[];
}

export interface Case {
  readonly name: string;
  /** Sizes of the inputs, which are all differentiated. */
  readonly inputs: readonly Dims[];
  /** Brings random numbers of -1..1 to where the function is smooth. */
  readonly domain?: (x: number, i: number) => number;
  readonly build: (graph: GraphBuilder, inputs: readonly string[]) => string;
  readonly plain: (inputs: readonly Plain[]) => readonly number[];
}

/** Every element by itself, the inputs broadcast against each other. */
export function elementwise(f: (...values: number[]) => number): Case["plain"] {
  return (inputs) => {
    const rank = Math.max(...inputs.map(({ dims }) => dims.length));
    const padded = inputs.map(({ dims }) => [...Array<number>(rank - dims.length).fill(1), ...dims]);
    const out = Array.from({ length: rank }, (_, i) => Math.max(...padded.map((dims) => dims[i]!)));
    return positions(out).map((at) =>
      f(
        ...inputs.map(
          ({ values }, k) =>
            values[
              flat(
                at.map((n, i) => (padded[k]![i] === 1 ? 0 : n)),
                padded[k]!,
              )
            ]!,
        ),
      ),
    );
  };
}

export function positions(dims: Dims): number[][] {
  return dims.reduce<number[][]>(
    (all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
}

export const flat = (at: readonly number[], dims: Dims) => at.reduce((sum, n, i) => sum * dims[i]! + n, 0);

/** A reduction of some axes, which stay with size 1. */
export function reduction(axes: readonly number[], f: (values: readonly number[]) => number): Case["plain"] {
  return ([x]) => {
    const kept = x!.dims.map((n, i) => (axes.includes(i) ? 1 : n));
    const groups: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
    for (const at of positions(x!.dims)) {
      groups[
        flat(
          at.map((n, i) => (axes.includes(i) ? 0 : n)),
          kept,
        )
      ]!.push(x!.values[flat(at, x!.dims)]!);
    }
    return groups.map(f);
  };
}

export const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export interface ConvOptions {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly group: number;
}

/** A convolution from its definition. */
export function convolution({ strides, pads, group }: ConvOptions): Case["plain"] {
  return ([x, w, b]) => {
    const [n, channels, h, width] = x!.dims as [number, number, number, number];
    const [outputs, each, kh, kw] = w!.dims as [number, number, number, number];
    const oh = Math.floor((h + pads[0] + pads[2] - kh) / strides[0]) + 1;
    const ow = Math.floor((width + pads[1] + pads[3] - kw) / strides[1]) + 1;
    return positions([n, outputs, oh, ow]).map(([image, o, y, column]) => {
      let total = b?.values[o!] ?? 0;
      for (const [i, ky, kx] of positions([each, kh, kw])) {
        const [row, col] = [y! * strides[0] + ky! - pads[0], column! * strides[1] + kx! - pads[1]];
        if (row < 0 || col < 0 || row >= h || col >= width) continue;
        const channel = Math.floor(o! / (outputs / group)) * each + i!;
        total +=
          x!.values[flat([image!, channel, row, col], [n, channels, h, width])]! *
          w!.values[flat([o!, i!, ky!, kx!], w!.dims)]!;
      }
      return total;
    });
  };
}
