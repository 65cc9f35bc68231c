import { intOf } from "../attributes.ts";
import { type Backward, type GradientRule, unbroadcast } from "./rule.ts";

/** Y = A B with A or B transposed where the node says so (Gemm), plus C. Transposed factors are never written out. */
const product: GradientRule = (b) => {
  const { graph, node, inputs, gradient, dims } = b;
  const [left, right, offset] = inputs as [string, string, string | undefined];
  if (dims(left).length !== 2 || dims(right).length !== 2) return "factors that are no matrices";
  if (node.attribute.some(({ name, f }) => (name === "alpha" || name === "beta") && f !== 1)) return "a scaled product";
  const [transA, transB] = [intOf(node, "transA", 0), intOf(node, "transB", 0)];
  const gemm = (a: string, ta: number, c: string, tc: number) => graph.op("Gemm", [a, c], { transA: ta, transB: tc });
  return [
    b.needs(0) ? (transA === 0 ? gemm(gradient, 0, right, 1 - transB) : gemm(right, transB, gradient, 1)) : undefined,
    b.needs(1) ? (transB === 0 ? gemm(left, 1 - transA, gradient, 0) : gemm(gradient, 1, left, transA)) : undefined,
    ...(offset ? [b.needs(2) ? unbroadcast(b as Backward, gradient, dims(b.output), offset) : undefined] : []),
  ];
};

/**
 * Y = A B of matrices, the last two axes, for each index of the axes before them: dA = dY B', dB = A' dY. A matrix that serves
 * all, as weights do, gets its gradient from one product over all rows.
 */
const matMul: GradientRule = (b) => {
  const { graph, inputs, gradient, output, dims } = b;
  const [left, right] = inputs as [string, string];
  const [a, c, y] = [dims(left), dims(right), dims(output)];
  if (a.length === 2 && c.length === 2) return product(b);
  if (a.length < 2 || c.length < 2) return "of a vector";
  const turned = (value: string) => {
    const perm = [...dims(value).keys()];
    return graph.op("Transpose", [value], { perm: [...perm.slice(0, -2), perm.length - 1, perm.length - 2] });
  };
  const rows = (value: string) => graph.op("Reshape", [value, graph.ints([-1, dims(value).at(-1)!])]);
  const ofRight = () => {
    if (c.length === 2) {
      const dy = graph.op("Reshape", [gradient, graph.ints([-1, y.at(-1)!])]);
      return graph.op("Gemm", [rows(left), dy], { transA: 1 });
    }
    return unbroadcast(b, graph.op("MatMul", [turned(left), gradient]), [...y.slice(0, -2), ...c.slice(-2)], right);
  };
  return [
    b.needs(0)
      ? unbroadcast(b, graph.op("MatMul", [gradient, turned(right)]), [...y.slice(0, -2), ...a.slice(-2)], left)
      : undefined,
    b.needs(1) ? ofRight() : undefined,
  ];
};

export const PRODUCTS: Readonly<Record<string, GradientRule>> = { MatMul: matMul, Gemm: product };
