import { type Dims, intOf, intsOf, sizeOf } from "../../attributes.ts";
import { fromFront, given, type Rewrite, result } from "./rewrite.ts";

/** Parts of a value along an axis. */
export const split: Rewrite = (to, node, [x, sizes]) => {
  const dims = to.sizes(x!)![0];
  const axis = fromFront(intOf(node, "axis", 0), dims);
  const said = intsOf(node, "split") ?? (given(sizes) ? to.known(sizes)?.values : undefined);
  const count = node.output.length;
  const each = Math.ceil(dims[axis]! / count);
  const parts =
    said === undefined ? node.output.map((_, i) => Math.min(each, dims[axis]! - i * each)) : Array.from(said);
  let start = 0;
  for (const [i, output] of node.output.entries()) {
    const end = start + parts[i]!;
    to.op("Slice", [x!, to.ints([start]), to.ints([end]), to.ints([axis])], {}, output);
    start = end;
  }
  return true;
};

/** One place along an axis, which then is gone; several places keep their operator. */
export const gather: Rewrite = (to, node, [x, index]) => {
  const place = to.known(index!);
  if (place?.dims.length !== 0) return false;
  const sizes = to.sizes(x!)!;
  const axis = fromFront(intOf(node, "axis", 0), sizes[0]);
  const n = sizes[0][axis]!;
  const at = place.values[0]! < 0 ? place.values[0]! + n : place.values[0]!;
  const cut = to.op("Slice", [x!, to.ints([at]), to.ints([at + 1]), to.ints([axis])]);
  const without = (dims: Dims) => dims.filter((_, i) => i !== axis);
  to.reshape(cut, [without(sizes[0]), without(sizes[1])], node.output[0]);
  return true;
};

export const squeeze = result((to, node, [x, second], output) => {
  const sizes = to.sizes(x!)!;
  const axes = intsOf(node, "axes") ?? (given(second) ? Array.from(to.known(second)!.values) : undefined);
  const gone = axes?.map((axis) => fromFront(axis, sizes[0]));
  const kept = (dims: Dims) => dims.filter((n, i) => (gone === undefined ? n !== 1 : !gone.includes(i)));
  to.reshape(x!, [kept(sizes[0]), kept(sizes[1])], output);
});

export const unsqueeze = result((to, node, [x, second], output) => {
  const sizes = to.sizes(x!)!;
  const axes = intsOf(node, "axes") ?? Array.from(to.known(second!)!.values);
  const full = sizes[0].length + axes.length;
  const added = axes.map((axis) => (axis < 0 ? axis + full : axis));
  const wider = (dims: Dims) => {
    const rest = [...dims];
    return Array.from({ length: full }, (_, i) => (added.includes(i) ? 1 : rest.shift()!));
  };
  to.reshape(x!, [wider(sizes[0]), wider(sizes[1])], output);
});

/** Repeated along an axis is times ones along it; for each picture nothing is repeated. */
export const expand: Rewrite = (to, node, [x]) => {
  const [from, sizes] = [to.sizes(x!), to.sizes(node.output[0]!)];
  if (from === undefined || sizes === undefined) return false;
  const wider = sizes[0].length - from[0].length;
  const [first, second] = ([0, 1] as const).map((batch) => {
    return sizes[batch].map((n, i) => (n === (from[batch][i - wider] ?? 1) ? 1 : n));
  });
  if (first!.join() !== second!.join()) return false;
  if (sizeOf(first!) === 1 && wider === 0) to.alias(node.output[0]!, x!);
  else to.op("Mul", [x!, to.floats(new Float32Array(sizeOf(first!)).fill(1), first!)], {}, node.output[0]);
  return true;
};

/** Every second value and the like is picked by its place. */
export const slice: Rewrite = (to, node, [x, ...bounds]) => {
  const [starts, ends, axes, steps] = bounds.map((name) => (given(name) ? to.known(name) : undefined));
  const dims = to.sizes(x!)![0];
  if (!starts || !ends || !axes || !steps || Array.from(steps.values).every((step) => step === 1)) return false;
  if (Array.from(steps.values).some((step) => step < 1)) return false;
  let value = x!;
  for (const [i, axis] of Array.from(axes.values, (each) => fromFront(each, dims)).entries()) {
    const n = dims[axis]!;
    const place = (at: number) => Math.min(n, Math.max(0, at < 0 ? at + n : at));
    const [start, end, step] = [place(starts.values[i]!), place(ends.values[i]!), steps.values[i]!];
    const picked = Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, k) => start + k * step);
    value = to.op("Gather", [value, to.ints(picked)], { axis });
  }
  to.alias(node.output[0]!, value);
  return true;
};
