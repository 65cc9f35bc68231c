import type { NodeProto } from "onnx-buf";
import { textOf } from "../../attributes.ts";
import type { Writer } from "./writer.ts";

/**
 * A sum over the products of two values as one product of matrices: letters that both have and the result keeps count the
 * matrices, letters that the result lacks are summed over, the others are rows of the one and columns of the other.
 * @returns false where it has one or three values, or a letter twice
 */
export function einsum(to: Writer, node: NodeProto, inputs: readonly string[]): boolean {
  const [terms, result] = (textOf(node, "equation") ?? "").replace(/\s/g, "").split("->");
  const [a, b, third] = terms!.split(",").map((term) => [...term]);
  if (inputs.length !== 2 || a === undefined || b === undefined || third !== undefined || result === undefined)
    return false;
  const out = [...result];
  const repeated = [a, b, out].some((letters) => new Set(letters).size < letters.length || letters.includes("."));
  const lost = [...a, ...b].some((letter) => !out.includes(letter) && !(a.includes(letter) && b.includes(letter)));
  if (repeated || lost) return false;
  const shared = out.filter((letter) => a.includes(letter) && b.includes(letter));
  const summed = a.filter((letter) => !out.includes(letter));
  const rows = out.filter((letter) => a.includes(letter) && !b.includes(letter));
  const columns = out.filter((letter) => b.includes(letter) && !a.includes(letter));
  const sizes = ([0, 1] as const).map((batch) => {
    return new Map(
      [a, b].flatMap((letters, i) => letters.map((letter, k) => [letter, to.sizes(inputs[i]!)![batch][k]!])),
    );
  });
  const dims = (letters: readonly (readonly string[])[], joined: boolean) =>
    sizes.map((known) =>
      letters.flatMap((group) => {
        const each = group.map((letter) => known.get(letter)!);
        return joined ? [each.reduce((product, n) => product * n, 1)] : each;
      }),
    ) as [number[], number[]];
  const arranged = (input: string, from: readonly string[], groups: readonly (readonly string[])[]) => {
    const perm = groups.flat().map((letter) => from.indexOf(letter));
    const turned = to.op("Transpose", [input], { perm });
    // The letters that count the matrices stay apart, so that a batch stays in its place.
    const [count, ...others] = groups;
    const [p, q] = dims(others, true);
    const [m, n] = dims([count!], false);
    return to.reshape(turned, [
      [...m, ...p],
      [...n, ...q],
    ]);
  };
  const product = to.op("MatMul", [
    arranged(inputs[0]!, a, [shared, rows, summed]),
    arranged(inputs[1]!, b, [shared, summed, columns]),
  ]);
  const order = [...shared, ...rows, ...columns];
  const whole = to.reshape(product, dims([order], false));
  to.op("Transpose", [whole], { perm: out.map((letter) => order.indexOf(letter)) }, node.output[0]);
  return true;
}
