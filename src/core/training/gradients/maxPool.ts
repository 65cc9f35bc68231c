import { windowsOf } from "../attributes.ts";
import { addUp, type GradientRule, mask } from "./rule.ts";

/** Less than any activation: what stands in the padding. */
const NOTHING = -3e38;

/**
 * Of maximum pooling: each window's gradient goes to the positions that hold its maximum, in equal shares. Positions are
 * sorted by their remainders modulo the strides: of one remainder, the windows' places are shifted maps of the output's
 * size, which are summed; the remainders are then woven together.
 */
const maxPool: GradientRule = ({ graph, node, inputs, output, gradient, dims }) => {
  const from = dims(inputs[0]!);
  const windows = windowsOf(node, from, []);
  if (windows === undefined) return "dilated windows";
  const { kernel, strides, pads, out } = windows;
  // As many whole strides as hold every window.
  const cells = [0, 1].map((i) => {
    const windowed = (out[i]! - 1) * strides[i]! + kernel[i]!;
    return Math.ceil(Math.max(windowed, from[2 + i]! + pads[i]!) / strides[i]!);
  }) as [number, number];
  const whole = cells.map((n, i) => n * strides[i]!);
  const end = whole.map((n, i) => n - from[2 + i]! - pads[i]!);
  const before = [0, 0, pads[0], pads[1]];
  const padded = graph.op("Pad", [inputs[0]!, graph.ints([...before, 0, 0, ...end]), graph.scalar(NOTHING)]);

  const axes = graph.ints([2, 3]);
  const places = Array.from({ length: kernel[0] * kernel[1] }, (_, place) => {
    const at = [Math.floor(place / kernel[1]), place % kernel[1]];
    const last = at.map((n, i) => n + (out[i]! - 1) * strides[i]! + 1);
    const seen = graph.op("Slice", [padded, graph.ints(at), graph.ints(last), axes, graph.ints(strides)]);
    return { at, holds: mask(graph, "Equal", seen, output) };
  });
  const share = graph.op("Div", [
    gradient,
    addUp(
      graph,
      places.map(({ holds }) => holds),
    ),
  ]);

  const plane = (row: number, column: number): string => {
    const parts = places.filter(({ at: [y, x] }) => y! % strides[0] === row && x! % strides[1] === column);
    const shifted = parts.map(({ at, holds }) => {
      const shift = at.map((n, i) => Math.floor(n / strides[i]!));
      const rest = cells.map((n, i) => n - out[i]! - shift[i]!);
      return graph.op("Pad", [graph.op("Mul", [holds, share]), graph.ints([0, 0, ...shift, 0, 0, ...rest])]);
    });
    const sum = shifted.length === 0 ? zeros : addUp(graph, shifted);
    return graph.op("Reshape", [sum, graph.ints([0, 0, cells[0], 1, cells[1], 1])]);
  };
  const zeros = graph.op("Expand", [graph.scalar(0), graph.ints([from[0]!, from[1]!, ...cells])]);
  const weave = (parts: readonly string[], axis: number) =>
    parts.length === 1 ? parts[0]! : graph.op("Concat", parts, { axis });
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  const rows = range(strides[0]).map((row) =>
    weave(
      range(strides[1]).map((column) => plane(row, column)),
      5,
    ),
  );
  const woven = graph.op("Reshape", [weave(rows, 3), graph.ints([from[0]!, from[1]!, ...whole])]);
  const until = [pads[0] + from[2]!, pads[1] + from[3]!];
  return [graph.op("Slice", [woven, graph.ints([pads[0], pads[1]]), graph.ints(until), axes])];
};

export const MAX_POOL: Readonly<Record<string, GradientRule>> = { MaxPool: maxPool };
