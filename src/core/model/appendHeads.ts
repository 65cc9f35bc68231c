import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { type Branch, COMBINED, type ModelManifest, type TrainingProvenance } from "../../shared/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { addCombined, addFc, addL2, type Fc } from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";
import { encodeManifest, readManifest } from "./manifest.ts";
import { removeUnused } from "./removeUnused.ts";

/** A linear map behind a branch: y = x W + b, for a branch of `C` values. */
export type Head = Required<Fc>;

/**
 * Puts a head and a new L2 behind each branch of a model of ours. Everything before stays as it is.
 * @param file name of the model, for messages
 * @param heads one per branch, in the model's order; null leaves a branch as it is
 * @param name of the new model
 */
export function appendHeads(
  bytes: Uint8Array,
  file: string,
  heads: readonly (Head | null)[],
  name: string,
  training: TrainingProvenance,
): Uint8Array {
  const manifest = readManifest(bytes, file);
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (graph === undefined || heads.length !== manifest.descriptors.length) {
    throw new ModelError(
      `${file} cannot be given ${heads.length} heads: it has ${manifest.descriptors.length} branches.`,
    );
  }
  const names = manifest.descriptors.map((branch) => branch.name);
  const base = (output: string) => `${output}_before_head`;
  for (const output of [...names.filter((_, i) => heads[i] !== null), COMBINED]) rename(graph, output, base(output));
  const before = new Map(graph.output.map((output) => [output.name, output]));

  const added = new GraphBuilder("heads", "head_");
  const descriptors = manifest.descriptors.map((branch, i): Branch => {
    const head = heads[i];
    if (head == null) return branch;
    const { weights, bias, dim } = head;
    addL2(added, addFc(added, base(branch.name), branch.dim, { weights, bias, dim }), branch.name);
    added.output(branch.name, "float32", ["N", dim]);
    return { ...branch, dim, fc: { bias: true } };
  });
  addCombined(added, descriptors);
  const { nodes, initializers, outputs } = added.parts();
  graph.node.push(...nodes);
  graph.initializer.push(...initializers);
  const own = new Map(outputs.map((output) => [output.name, output]));
  const replaced = new Set([...names, ...[...names, COMBINED].map(base)]);
  graph.output = [
    ...[...names, COMBINED].flatMap((output) => own.get(output) ?? before.get(output) ?? []),
    ...graph.output.filter((output) => !replaced.has(output.name)),
  ];
  graph.name = name;
  removeUnused(graph);

  const { text, ...rest } = manifest;
  // Behind a head a branch is no longer in the space of words.
  const shared = text !== undefined && heads[names.indexOf(text.branch)] === null;
  const changed: ModelManifest = { ...rest, name, descriptors, training, ...(shared ? { text } : {}) };
  const metadata = encodeManifest(changed);
  for (const entry of model.metadataProps) entry.value = metadata[entry.key] ?? entry.value;
  return toBinary(ModelProtoSchema, model);
}

function rename(graph: GraphProto, from: string, to: string): void {
  const replace = (names: string[]) => names.map((name) => (name === from ? to : name));
  for (const node of graph.node) {
    node.input = replace(node.input);
    node.output = replace(node.output);
    // Nodes are called after what they give, and no two may share a name.
    if (node.name === from) node.name = to;
  }
  for (const output of graph.output) if (output.name === from) output.name = to;
}
