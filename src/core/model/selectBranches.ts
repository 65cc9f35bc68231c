import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { COMBINED, type DescriptorKind, type ModelManifest } from "../../shared/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { addCombined } from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";
import { encodeManifest, readManifest } from "./manifest.ts";
import { removeUnused } from "./removeUnused.ts";

/**
 * A model with some of the branches of another, in another order. The order matters to a training: the first branch
 * feeds the classifier.
 * @param file name of the model, for messages
 * @param kinds of the branches that are wanted, each as often as it is wanted
 * @throws ModelError where the model has no such branch
 */
export function selectBranches(bytes: Uint8Array, file: string, kinds: readonly DescriptorKind[]): Uint8Array {
  const manifest = readManifest(bytes, file);
  const left = [...manifest.descriptors];
  const descriptors = kinds.map((kind) => {
    const i = left.findIndex((branch) => branch.kind === kind);
    const [found] = i === -1 ? [] : left.splice(i, 1);
    if (found !== undefined) return found;
    const has = manifest.descriptors.map((branch) => branch.kind).join(", ");
    throw new ModelError(
      `${file} has no ${kind} branch that is left to choose (it has ${has}). Build a model with these descriptors: lookalike model build.`,
    );
  });
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const dropped = new Set([COMBINED, ...left.map(({ name }) => name)]);
  for (const node of graph.node) {
    // The old combined goes with all that only it needs; whatever else is not needed onnxruntime leaves out.
    node.output = node.output.map((output) => (output === COMBINED ? `${COMBINED}_of_all` : output));
    if (node.name === COMBINED) node.name = `${COMBINED}_of_all`;
  }
  const added = new GraphBuilder("selected", "selected_");
  addCombined(added, descriptors);
  const { nodes, initializers, outputs } = added.parts();
  graph.node.push(...nodes);
  graph.initializer.push(...initializers);
  const kept = new Map(graph.output.map((output) => [output.name, output]));
  const branches = descriptors.map(({ name }) => kept.get(name)!);
  const others = graph.output.filter(
    ({ name }) => !dropped.has(name) && !descriptors.some((branch) => branch.name === name),
  );
  graph.output = [...branches, ...outputs, ...others];
  removeUnused(graph);
  const { text, ...rest } = manifest;
  const shared = descriptors.some(({ name }) => name === text?.branch);
  const changed: ModelManifest = { ...rest, descriptors, ...(shared && text !== undefined ? { text } : {}) };
  const metadata = encodeManifest(changed);
  for (const entry of model.metadataProps) entry.value = metadata[entry.key] ?? entry.value;
  return toBinary(ModelProtoSchema, model);
}
