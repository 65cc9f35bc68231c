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

export const PRODUCTS: Readonly<Record<string, GradientRule>> = { MatMul: product, Gemm: product };
