import { create } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from "onnx-buf";
import { isGrafted } from "../../../model/index.ts";
import { GraphBuilder } from "../../../onnx/index.ts";
import type { Dims } from "../../attributes.ts";
import { CannotTrainError } from "../../errors.ts";
import { inferShapes } from "../../shapes.ts";
import { evaluate } from "./evaluate.ts";
import { type Known, knownTensor, oneOf, shapeOf, tensorOf } from "./known.ts";
import { REWRITES } from "./rewrites.ts";
import type { Writer } from "./writer.ts";

/** Two numbers of pictures, by which one sees what of the arithmetic with sizes depends on it. */
const BATCHES = [2, 3] as const;
/** The opset in which steps are written. */
const OPSET = 17n;

type SizesOf = (batch: number) => ReadonlyMap<string, Dims>;

/** What is known while a graph is gone through with one number of pictures. */
interface Pass {
  readonly sizes: Map<string, Dims>;
  readonly known: Map<string, Known>;
}

/**
 * Writes a network of others in the operators that can be differentiated: arithmetic with sizes is done, constants that it works
 * out stand as such, and what is made of several operators is written out (or, a norm, put together), all in one opset. The
 * graph takes any number of pictures, as before.
 * @param sizesOf sizes of the graph's inputs for a number of pictures
 * @throws CannotTrainError where that cannot be done, naming the operator
 */
export function plainGraph(model: ModelProto, sizesOf: SizesOf, file: string): void {
  const graph = model.graph!;
  const writer = new PlainWriter(graph, sizesOf, file, Number(opsetOf(model)));
  for (const node of graph.node) writer.write(node);
  const { nodes, initializers } = writer.finish();
  graph.node = nodes;
  graph.initializer = initializers;
  model.opsetImport = [{ ...model.opsetImport[0]!, domain: "", version: OPSET }];
}

function opsetOf({ opsetImport }: ModelProto): bigint {
  return opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? OPSET;
}

class PlainWriter implements Writer {
  readonly opset: number;
  readonly #graph: GraphProto;
  readonly #file: string;
  readonly #builder = new GraphBuilder("plain", "plain/");
  readonly #passes: readonly [Pass, Pass];
  readonly #aliases = new Map<string, string>();
  readonly #tensors: Map<string, TensorProto>;
  readonly #producers = new Map<string, NodeProto>();

  constructor(graph: GraphProto, sizesOf: SizesOf, file: string, opset: number) {
    this.#graph = graph;
    this.#file = file;
    this.opset = opset;
    this.#tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    const known = new Map<string, Known>();
    for (const tensor of graph.initializer) this.#learn(known, tensor.name, tensor);
    const pass = (batch: number): Pass => ({ sizes: new Map(sizesOf(batch)), known: new Map(known) });
    this.#passes = [pass(BATCHES[0]), pass(BATCHES[1])];
  }

  write(given: NodeProto): void {
    const node = create(NodeProtoSchema, {
      ...given,
      input: given.input.map((name) => this.#aliases.get(name) ?? name),
    });
    if (this.#compute(node)) return;
    if (node.opType === "Cast" && node.attribute.some(({ i }) => Number(i) === TensorProto_DataType.FLOAT16)) {
      throw this.#cannot("Cast", "since it computes in float16: import the network in float32");
    }
    for (const pass of this.#passes) this.#infer(node, pass);
    const rewrite = REWRITES[node.opType];
    const inputs = node.input.map((name) => this.#named(name, node));
    if (this.#isOutput(node) || rewrite === undefined || !this.#sized(inputs) || !rewrite(this, node, inputs))
      this.#keep(node, inputs);
  }

  op(...[type, inputs, attributes, output]: Parameters<GraphBuilder["op"]>): string {
    const name = this.#builder.op(type, inputs, attributes, output);
    const node = this.#builder.parts().nodes.at(-1)!;
    this.#producers.set(name, node);
    for (const pass of this.#passes) this.#infer(node, pass);
    return name;
  }

  scalar(value: number): string {
    return this.#constant(this.#builder.scalar(value));
  }

  ints(values: readonly number[]): string {
    return this.#constant(this.#builder.ints(values));
  }

  floats(values: Float32Array, dims: Dims): string {
    return this.#constant(this.#builder.floats(values, dims));
  }

  sizes(value: string): readonly [Dims, Dims] | undefined {
    const [a, b] = this.#passes.map(({ sizes, known }) => sizes.get(value) ?? known.get(value)?.dims);
    return a === undefined || b === undefined ? undefined : [a, b];
  }

  known(value: string): Known | undefined {
    const [a, b] = this.#passes.map(({ known }) => known.get(value));
    return a !== undefined && a === b ? a : undefined;
  }

  reshape(value: string, [a, b]: readonly [Dims, Dims], output?: string): string {
    const first = this.sizes(value)?.map((dims) => dims[0]);
    const varying = a.flatMap((n, i) => (n === b[i] ? [] : [i]));
    // What the batch makes of a size is left open, or taken over where it stands in its place.
    const copied = varying[0] === 0 && first?.[0] === a[0] && first?.[1] === b[0];
    if (varying.length - Number(copied) > 1)
      throw this.#cannot("Reshape", "whose sizes depend on the number of pictures in two places");
    const target = a.map((n, i) => (!varying.includes(i) ? n : i === 0 && copied ? 0 : -1));
    return this.op("Reshape", [value, this.ints(target)], {}, output);
  }

  alias(output: string, value: string): void {
    this.#aliases.set(output, this.#aliases.get(value) ?? value);
  }

  producer(value: string): NodeProto | undefined {
    return this.#producers.get(value);
  }

  /** What the outputs need, and nothing else. */
  finish(): { nodes: NodeProto[]; initializers: TensorProto[] } {
    const { nodes, initializers } = this.#builder.parts();
    const needed = new Set(this.#graph.output.map(({ name }) => name));
    const kept = nodes.toReversed().filter(({ input, output }) => {
      const isNeeded = output.some((name) => needed.has(name));
      if (isNeeded) for (const name of input) needed.add(name);
      return isNeeded;
    });
    const all = [...this.#tensors.values(), ...initializers];
    return { nodes: kept.reverse(), initializers: all.filter(({ name }) => needed.has(name)) };
  }

  /** Does a node whose result no picture changes. */
  #compute(node: NodeProto): boolean {
    const output = node.output[0]!;
    if (node.opType === "Constant") {
      const value = node.attribute.find(({ name }) => name === "value")?.t;
      if (value === undefined) throw this.#cannot("Constant", "in a form that is not known here");
      this.#tensors.set(output, create(TensorProtoSchema, { ...value, name: output }));
      for (const { known } of this.#passes) this.#learn(known, output, value);
      const [first] = this.#passes.map(({ known }) => known.get(output));
      for (const { known } of this.#passes) if (first !== undefined) known.set(output, first);
      return true;
    }
    const results: Known[] = [];
    for (const { sizes, known } of this.#passes) {
      const [first = ""] = node.input;
      const shape =
        node.opType === "Shape" || node.opType === "Size" ? (sizes.get(first) ?? known.get(first)?.dims) : undefined;
      const inputs = node.input.map((name) => known.get(name));
      const all = node.input.every((name, i) => name === "" || inputs[i] !== undefined);
      const before =
        results[0] !== undefined && node.input.every((name) => name === "" || this.known(name) !== undefined);
      const made =
        shape === undefined
          ? all && before
            ? results[0]
            : all
              ? evaluate(node, inputs)
              : undefined
          : shapeOf(node, shape);
      if (made === undefined) return false;
      results.push(made);
    }
    const [a, b] = results as [Known, Known];
    const same =
      a === b ||
      (a.dims.join() === b.dims.join() &&
        a.values.length < 64 &&
        Array.from(a.values).join() === Array.from(b.values).join());
    this.#passes[0].known.set(output, a);
    this.#passes[1].known.set(output, same ? a : b);
    return true;
  }

  /** A node as it is. A class token that is repeated for every picture is added to nothing of what it stands beside. */
  #keep(node: NodeProto, inputs: readonly string[]): void {
    let values = [...inputs];
    if (node.opType === "Concat") {
      const beside = values.find((name, i) => name === node.input[i] && this.known(name) === undefined);
      const axis = Number(node.attribute.find(({ name }) => name === "axis")?.i ?? 0);
      values = values.map((name, i) =>
        name === node.input[i] || beside === undefined ? name : this.#repeated(name, beside, axis),
      );
    }
    const kept = create(NodeProtoSchema, { ...node, input: values });
    const lost = values.find((name) => this.#varies(name));
    if (lost !== undefined) throw this.#cannot(node.opType, "whose sizes depend on the number of pictures");
    this.#builder.adopt([kept], []);
    for (const name of node.output) this.#producers.set(name, kept);
    for (const pass of this.#passes) this.#infer(kept, pass);
    if (isGrafted(node.output[0]!) && this.sizes(node.output[0]!) === undefined) {
      throw this.#cannot(node.opType, "in a form that is not known here");
    }
  }

  #repeated(constant: string, beside: string, axis: number): string {
    const n = this.sizes(constant)![0].at(axis)!;
    const some = this.op("Slice", [beside, this.ints([0]), this.ints([n]), this.ints([axis])]);
    return this.op("Add", [this.op("Mul", [some, this.scalar(0)]), constant]);
  }

  /** The name under which a value stands in the graph; of what is the same for all pictures, that of one. */
  #named(name: string, { opType }: NodeProto): string {
    const [a, b] = this.#passes.map(({ known }) => known.get(name));
    if (name === "" || a === undefined || b === undefined || this.#tensors.has(name)) return name;
    if (a === b) {
      this.#tensors.set(name, tensorOf(name, a));
      return name;
    }
    const one = oneOf(a);
    const single = `${name}/one`;
    if (one === undefined || !/^(Add|Sub|Mul|Div|Concat)$/.test(opType)) {
      if (/^(Reshape|Expand|Slice|Split)$/.test(opType)) return name;
      throw this.#cannot(opType, "whose constants depend on the number of pictures");
    }
    this.#tensors.set(single, tensorOf(single, one));
    for (const { known } of this.#passes) known.set(single, one);
    return single;
  }

  /** Whether a value is known, but for each number of pictures another: then it stands nowhere in the graph. */
  #varies(name: string): boolean {
    const [a, b] = this.#passes.map(({ known }) => known.get(name));
    return a !== b && !this.#tensors.has(name);
  }

  #constant(name: string): string {
    const tensor = this.#builder.parts().initializers.at(-1)!;
    const value = knownTensor(tensor)!;
    for (const { known } of this.#passes) known.set(name, value);
    return name;
  }

  #learn(known: Map<string, Known>, name: string, tensor: TensorProto): void {
    const value = knownTensor(tensor);
    if (value !== undefined) known.set(name, value);
  }

  #infer(node: NodeProto, { sizes, known }: Pass): void {
    const view = {
      ints: (name: string) => {
        const value = known.get(name);
        return value?.whole === true ? Array.from(value.values) : undefined;
      },
      dims: (name: string) => known.get(name)?.dims,
    };
    inferShapes([node], sizes, view);
  }

  #sized(inputs: readonly string[]): boolean {
    return inputs.every((name) => name === "" || this.sizes(name) !== undefined);
  }

  #isOutput({ output }: NodeProto): boolean {
    return this.#graph.output.some(({ name }) => output.includes(name));
  }

  #cannot(operator: string, why: string): CannotTrainError {
    return new CannotTrainError(
      `${this.#file} cannot be trained end to end: its network has the operator ${operator}, ${why}. Train a head instead.`,
    );
  }
}
