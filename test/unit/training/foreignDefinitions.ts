/** What foreign operators give, by their definitions, in float64. */
import { erf } from "./attentionCases.ts";
import { type Case, flat, positions, sum } from "./gradientDefinitions.ts";

export const float = (value: number) => ({ float: value });
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const gelu = (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2));
export const byTanh = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
export const wide = (x: number) => 2 * x;
export const rms = (row: readonly number[], epsilon: number) => {
  const root = Math.sqrt(sum(row.map((x) => x * x)) / row.length + epsilon);
  return row.map((x) => x / root);
};
export const scaled = (rows: readonly number[], scale: readonly number[], shift?: readonly number[]) =>
  rows.map((x, i) => x * scale[i % scale.length]! + (shift?.[i % scale.length] ?? 0));
export const add = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x + b[i % b.length]!);

/** q [b, q, h, d] and k [b, k, h, d] to scores [b, h, q, k]. */
export const scores: Case["plain"] = ([q, k]) =>
  positions([2, 2, 3, 2]).map(([n, h, i, j]) =>
    sum(
      [0, 1, 2, 3].map((d) => q!.values[flat([n!, i!, h!, d], q!.dims)]! * k!.values[flat([n!, j!, h!, d], k!.dims)]!),
    ),
  );
/** Rows of the first [2, 3, 4] with those of the second [2, 5, 4], halved. */
export const halved: Case["plain"] = ([a, b]) =>
  positions([2, 3, 5]).map(
    ([n, i, j]) =>
      sum([0, 1, 2, 3].map((d) => a!.values[flat([n!, i!, d], a!.dims)]! * b!.values[flat([n!, j!, d], b!.dims)]!)) / 2,
  );
