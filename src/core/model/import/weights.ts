import { ModelError } from "../errors.ts";
import { foreignGraph, nodesFor, tensorsOfNode } from "./graph.ts";
import type { ForeignModel } from "./readFile.ts";
import { notFinite } from "./tensors.ts";

/** Infinity means something in a mask or a limit of Clip, never here. */
const WEIGHTED = /^(Conv|ConvTranspose|Gemm|MatMul|BatchNormalization|LayerNormalization|InstanceNormalization)$/;

/**
 * Checks the weights that `output` needs.
 * @throws ModelError naming the tensor that holds NaN, or infinity where no network has it
 */
export function checkWeights({ file, model }: ForeignModel, output: string): void {
  const graph = foreignGraph(model.graph);
  const refuse = (name: string, what: string) =>
    new ModelError(
      `The weights "${name}" of ${file} hold ${what}: the training failed, or the file is damaged. Use another file.`,
    );
  for (const node of nodesFor(graph, output)) {
    const constants = node.input.flatMap((name) => graph.constants.get(name) ?? []);
    for (const tensor of [...constants, ...tensorsOfNode(node)]) {
      const { nan, infinite } = notFinite(tensor);
      const name = tensor.name === "" ? node.name : tensor.name;
      if (nan) throw refuse(name, "NaN");
      if (infinite && WEIGHTED.test(node.opType)) throw refuse(name, "infinite values");
    }
  }
}
