import { type Backward, type GradientRule, mask, unbroadcast } from "./rule.ts";

/** Keeps powers, logarithms and divisions of a zero finite; the factor beside them is zero there. */
const TINY = 1e-12;

/** The gradients of the two sides, each summed to the size of its side. */
function sides(b: Backward, first: () => string, second: () => string): (string | undefined)[] {
  const from = b.dims(b.output);
  return [first, second].map((side, i) => (b.needs(i) ? unbroadcast(b, side(), from, b.inputs[i]!) : undefined));
}

const same = ({ gradient }: Backward) => gradient;
const negated = ({ graph, gradient }: Backward) => graph.op("Neg", [gradient]);
const times = ({ graph, gradient }: Backward, factor: string) => graph.op("Mul", [gradient, factor]);

const add: GradientRule = (b) =>
  sides(
    b,
    () => same(b),
    () => same(b),
  );
const sub: GradientRule = (b) =>
  sides(
    b,
    () => same(b),
    () => negated(b),
  );
const mul: GradientRule = (b) =>
  sides(
    b,
    () => times(b, b.inputs[1]!),
    () => times(b, b.inputs[0]!),
  );

/** y = a / c: da = dy / c, dc = -dy y / c. */
const div: GradientRule = (b) => {
  const { graph, gradient, inputs, output } = b;
  const quotient = graph.op("Div", [gradient, inputs[1]!]);
  return sides(
    b,
    () => quotient,
    () => graph.op("Neg", [graph.op("Mul", [quotient, output])]),
  );
};

/** y = x^e for x >= 0: dx = dy e x^(e - 1), de = dy y log x. A base of zero counts as `TINY`, so that neither is infinite. */
const pow: GradientRule = (b) => {
  const { graph, inputs, output } = b;
  const [x, e] = inputs as [string, string];
  const base = graph.op("Max", [x, graph.scalar(TINY)]);
  return sides(
    b,
    () => times(b, graph.op("Mul", [e, graph.op("Pow", [base, graph.op("Sub", [e, graph.scalar(1)])])])),
    () => times(b, graph.op("Mul", [output, graph.op("Log", [base])])),
  );
};

/** The greater side has the gradient; on a tie the second one, which is the constant where one of them is. */
const max: GradientRule = (b) => {
  const { graph, inputs } = b;
  const [x, c] = inputs as [string, string];
  if (inputs.length !== 2) return `a maximum of ${inputs.length} values`;
  const first = mask(graph, "Greater", x, c);
  return sides(
    b,
    () => times(b, first),
    () => times(b, graph.op("Sub", [graph.scalar(1), first])),
  );
};

const neg: GradientRule = (b) => [negated(b)];
const identity: GradientRule = (b) => [same(b)];
const relu: GradientRule = (b) => [times(b, mask(b.graph, "Greater", b.output, b.graph.scalar(0)))];
const exp: GradientRule = (b) => [times(b, b.output)];
const log: GradientRule = (b) => [b.graph.op("Div", [b.gradient, b.inputs[0]!])];

/** dx = dy / (2 y). */
const sqrt: GradientRule = ({ graph, gradient, output }) => {
  const doubled = graph.op("Mul", [graph.op("Max", [output, graph.scalar(TINY)]), graph.scalar(2)]);
  return [graph.op("Div", [gradient, doubled])];
};

/** dx = dy y (1 - y). */
const sigmoid: GradientRule = (b) => {
  const rest = b.graph.op("Sub", [b.graph.scalar(1), b.output]);
  return [times(b, b.graph.op("Mul", [b.output, rest]))];
};

/** dx = dy (1 - y^2). */
const tanh: GradientRule = (b) => {
  const squared = b.graph.op("Mul", [b.output, b.output]);
  return [times(b, b.graph.op("Sub", [b.graph.scalar(1), squared]))];
};

/** dx = dy e^(-x^2) 2 / sqrt(pi). */
const erf: GradientRule = (b) => {
  const { graph, inputs } = b;
  const squared = graph.op("Mul", [inputs[0]!, inputs[0]!]);
  const bell = graph.op("Exp", [graph.op("Neg", [squared])]);
  return [times(b, graph.op("Mul", [bell, graph.scalar(2 / Math.sqrt(Math.PI))]))];
};

/** Nothing passes where the value was at or beyond a bound (ReLU6: 0 and 6). */
const clip: GradientRule = (b) => {
  const { graph, inputs, output } = b;
  let gradient = b.gradient;
  for (const [bound, comparison] of [
    [inputs[1], "Greater"],
    [inputs[2], "Less"],
  ] as const) {
    if (bound) gradient = graph.op("Mul", [gradient, mask(graph, comparison, output, bound)]);
  }
  return [gradient];
};

export const ELEMENTWISE: Readonly<Record<string, GradientRule>> = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: pow,
  Max: max,
  Neg: neg,
  Identity: identity,
  Relu: relu,
  Exp: exp,
  Log: log,
  Sqrt: sqrt,
  Sigmoid: sigmoid,
  Tanh: tanh,
  Erf: erf,
  Clip: clip,
};
