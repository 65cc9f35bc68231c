import { AttributeProto_AttributeType, type NodeProto, type TensorProto, TensorProto_DataType } from "onnx-buf";
import type { FloatTensor } from "../../model/index.ts";
import { type GraphBuilder, GraphView } from "../../onnx/index.ts";
import { CannotTrainError } from "../errors.ts";

/** A node as the torch engine reads it (`trainer/lookalike_trainer/job.py`). */
export interface JobNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
  /** In the backbone half precision is allowed. */
  readonly backbone: boolean;
}

/** A forward graph as a list of operators, and its constants. */
export interface JobGraph {
  readonly nodes: readonly JobNode[];
  readonly constants: ReadonlyMap<string, FloatTensor>;
  readonly integers: Readonly<Record<string, number | readonly number[]>>;
}

/** What the torch engine can do: a list that a test holds against the package's own. Casts are to float32. */
export const TORCH_OPERATORS: ReadonlySet<string> = new Set(
  `Abs Add Cast Clip Concat Conv Div Equal Erf Exp Flatten Gather Gemm GlobalAveragePool GlobalMaxPool Greater Identity
  LayerNormalization Less Log MatMul Max MaxPool Min Mul Neg Pad Pow ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum Relu
  Reshape Sigmoid Slice Softmax Sqrt Sub Tanh Transpose`.split(/\s+/),
);

/**
 * Describes what some values of a graph are computed from.
 * @param wanted names of values
 * @param file its name, for messages
 * @throws CannotTrainError where the torch engine lacks an operator, or a kind of constant
 */
export function describeGraph(
  graph: GraphBuilder,
  wanted: readonly string[],
  isBackbone: (output: string) => boolean,
  file: string,
): JobGraph {
  const { nodes, initializers } = graph.parts();
  const used = usedFor(nodes, wanted);
  const view = new GraphView({ node: [...nodes], initializer: [...initializers] });
  const kept = nodes.filter(({ output }) => used.has(output[0]!));
  const constants = new Map<string, FloatTensor>();
  const integers: Record<string, number | readonly number[]> = {};
  for (const tensor of initializers.filter(({ name }) => used.has(name))) {
    const floats = view.floats(tensor.name);
    if (floats === undefined) integers[tensor.name] = wholeNumbers(tensor, view, file);
    else constants.set(tensor.name, { shape: floats.dims, values: floats.values });
  }
  return { nodes: kept.map((node) => describeNode(node, isBackbone(node.output[0]!), file)), constants, integers };
}

function describeNode(node: NodeProto, backbone: boolean, file: string): JobNode {
  const { opType, input, output } = node;
  const cast = opType === "Cast" && node.attribute.some(({ i }) => Number(i) !== TensorProto_DataType.FLOAT);
  if (!TORCH_OPERATORS.has(opType) || output.length !== 1 || cast) throw cannot(file, `the operator ${opType}`);
  const attributes = node.attribute.map((attribute): [string, JobNode["attributes"][string]] => {
    switch (attribute.type) {
      case AttributeProto_AttributeType.INT:
        return [attribute.name, Number(attribute.i)];
      case AttributeProto_AttributeType.FLOAT:
        return [attribute.name, attribute.f];
      case AttributeProto_AttributeType.INTS:
        return [attribute.name, attribute.ints.map(Number)];
      case AttributeProto_AttributeType.STRING:
        return [attribute.name, new TextDecoder().decode(attribute.s)];
      default:
        throw cannot(file, `the attribute ${attribute.name} of ${opType}`);
    }
  });
  return { op: opType, inputs: input, output: output[0]!, attributes: Object.fromEntries(attributes), backbone };
}

function wholeNumbers({ name, dims }: TensorProto, view: GraphView, file: string): number | readonly number[] {
  const values = view.ints(name);
  if (values === undefined || dims.length > 1) throw cannot(file, `the constant ${name}`);
  return dims.length === 0 ? values[0]! : values;
}

/** All values that some values are computed from, themselves among them. */
function usedFor(nodes: readonly NodeProto[], wanted: readonly string[]): ReadonlySet<string> {
  const used = new Set(wanted);
  for (const { input, output } of nodes.toReversed()) {
    if (output.some((name) => used.has(name))) for (const name of input) used.add(name);
  }
  return used;
}

function cannot(file: string, what: string): CannotTrainError {
  return new CannotTrainError(`The torch engine does not know ${what} of ${file}. Train it with the built-in engine.`);
}
