import { intOf } from "../attributes.ts";
import { reducedAxes } from "../shapes.ts";
import { type Backward, expand, type GradientRule, mask, sizeOf } from "./rule.ts";

/** Below this a row counts as zero, and has no direction. */
const TINY = 1e-12;

/** The output's value and gradient with the reduced axes kept, so that both broadcast against the input. */
function kept(b: Backward): { value: () => string; gradient: string; axes: readonly number[] } | undefined {
  const { graph, node, view, inputs, output, gradient, dims } = b;
  const from = dims(inputs[0]!);
  const axes = reducedAxes(node, from, view);
  if (axes === undefined) return undefined;
  if (intOf(node, "keepdims", 1) === 1) return { value: () => output, gradient, axes };
  const shape = graph.ints(from.map((n, i) => (axes.includes(i) ? 1 : n)));
  const keep = (value: string) => graph.op("Reshape", [value, shape]);
  return { value: () => keep(output), gradient: keep(gradient), axes };
}

function reduction(rule: (b: Backward, whole: NonNullable<ReturnType<typeof kept>>) => string): GradientRule {
  return (b) => {
    const whole = kept(b);
    return whole === undefined ? "axes that are no constant" : [rule(b, whole)];
  };
}

const sum = reduction((b, { gradient }) => expand(b, gradient, b.dims(b.inputs[0]!)));

const mean = reduction((b, { gradient, axes }) => {
  const from = b.dims(b.inputs[0]!);
  const count = sizeOf(axes.map((axis) => from[axis]!));
  return expand(b, b.graph.op("Mul", [gradient, b.graph.scalar(1 / count)]), from);
});

/** Whoever is the extreme value has the gradient; several share it alike. */
const extreme = reduction((b, { value, gradient, axes }) => shareAmongEqual(b, value(), gradient, axes));

export function shareAmongEqual(
  { graph, inputs }: Backward,
  value: string,
  gradient: string,
  axes: readonly number[],
): string {
  const equal = mask(graph, "Equal", inputs[0]!, value);
  const count = graph.op("ReduceSum", [equal, graph.ints(axes)], { keepdims: 1 });
  return graph.op("Mul", [equal, graph.op("Div", [gradient, count])]);
}

/** dx = dy x / |x|. */
const l2 = reduction(({ graph, inputs }, { value, gradient }) => {
  const norm = graph.op("Max", [value(), graph.scalar(TINY)]);
  return graph.op("Mul", [inputs[0]!, graph.op("Div", [gradient, norm])]);
});

export const REDUCTIONS: Readonly<Record<string, GradientRule>> = {
  ReduceSum: sum,
  ReduceMean: mean,
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceL2: l2,
};
