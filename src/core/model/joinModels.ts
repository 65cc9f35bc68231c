import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { type Branch, COMBINED, type ModelManifest } from "../../shared/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { featureOutputs } from "./buildModel.ts";
import { addCombined } from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";
import { encodeManifest, MANIFEST_KEY, readManifest } from "./manifest.ts";
import { removeUnused } from "./removeUnused.ts";

/** Branches of a model, at most. */
const MOST = 8;

/** What joins a model: a second network, or branches without one. The manifest names its branches under this. */
export type Guest = "second" | "handcrafted";

/**
 * One model of two that see the same pixels: the branches of the first, then those of the second, with numbers where a name comes
 * again (`gem_2`). The manifest names those of the second.
 * @param files names of the two, for messages
 * @param as what the second is; each joins once at most
 * @throws ModelError where they cannot be joined
 */
export function joinModels(
  first: Uint8Array,
  second: Uint8Array,
  files: readonly [string, string],
  as: Guest = "second",
): Uint8Array {
  const [one, two] = [readManifest(first, files[0]), readManifest(second, files[1])];
  const model = fromBinary(ModelProtoSchema, first);
  const other = fromBinary(ModelProtoSchema, second);
  if (JSON.stringify(one.input) !== JSON.stringify(two.input) || opsetOf(model) !== opsetOf(other)) {
    throw new ModelError(`${files[0]} and ${files[1]} cannot be one model: they see pictures in different ways.`);
  }
  const taps = [...one.backbone.taps, ...two.backbone.taps];
  const added = two.descriptors.map(
    (branch): Branch => ({
      ...branch,
      name: freeName(branch, [...one.descriptors, ...two.descriptors.slice(0, two.descriptors.indexOf(branch))]),
      tap: branch.tap + one.backbone.taps.length,
    }),
  );
  const descriptors = [...one.descriptors, ...added];
  if (descriptors.length > MOST) {
    throw new ModelError(`${files[0]} and ${files[1]} cannot be one model: it has ${MOST} branches at most.`);
  }

  const graph = model.graph!;
  const guest = other.graph!;
  const names = outputNames(one, two, added, taps);
  renameAll(graph, (name) => names.first.get(name) ?? name);
  renameAll(guest, (name) => (name === "image" ? name : (names.second.get(name) ?? `${as}_${name}`)));
  const builder = new GraphBuilder("joined", as === "second" ? "joined_" : `joined_${as}_`);
  addCombined(builder, descriptors);
  const { nodes, initializers, outputs } = builder.parts();
  const given = new Map([...graph.output, ...guest.output, ...outputs].map((output) => [output.name, output]));
  const wanted = [
    ...descriptors.map(({ name }) => name),
    COMBINED,
    ...featureOutputs(descriptors, taps).map(({ output }) => output),
  ];
  graph.node = [...graph.node, ...guest.node, ...nodes];
  graph.initializer = [...graph.initializer, ...guest.initializer, ...initializers];
  graph.output = wanted.map((name) => given.get(name)!);
  removeUnused(graph);

  const manifest: ModelManifest = {
    ...one,
    backbone: { ...one.backbone, name: `${one.backbone.name} + ${two.backbone.name}`, taps },
    descriptors,
    weights: {
      source: `${one.weights.source}; ${two.weights.source}`,
      version: `${one.weights.version}; ${two.weights.version}`,
      licence: `${one.weights.licence}; ${two.weights.licence}`,
    },
    [as]: added.map(({ name }) => name),
  };
  const text = encodeManifest(manifest)[MANIFEST_KEY]!;
  for (const entry of model.metadataProps) if (entry.key === MANIFEST_KEY) entry.value = text;
  return toBinary(ModelProtoSchema, model);
}

function opsetOf({ opsetImport }: ModelProto): bigint | undefined {
  return opsetImport.find(({ domain }) => domain === "")?.version;
}

/** `gem_2` where there is a `gem` already. */
function freeName({ name }: Branch, taken: readonly Branch[]): string {
  const base = baseOf(name);
  return `${base}_${taken.filter((branch) => baseOf(branch.name) === base).length + 1}`.replace(/_1$/, "");
}

function baseOf(name: string): string {
  return name.replace(/_\d+$/, "");
}

/** What the outputs of both are called in the joined graph; combined of each is no output any more. */
function outputNames(one: ModelManifest, two: ModelManifest, added: readonly Branch[], taps: readonly unknown[]) {
  const features = featureOutputs([...one.descriptors, ...added], taps);
  const named = (own: ModelManifest, from: number, branches: readonly Branch[]) =>
    new Map([
      ...own.descriptors.map(({ name }, i) => [name, branches[i]!.name] as const),
      ...featureOutputs(own.descriptors, own.backbone.taps).map(
        ({ tap, output }) => [output, features.find((joined) => joined.tap === tap + from)!.output] as const,
      ),
      [COMBINED, `${COMBINED}_${from === 0 ? "first" : "second"}`] as const,
    ]);
  return { first: named(one, 0, one.descriptors), second: named(two, one.backbone.taps.length, added) };
}

function renameAll(graph: GraphProto, rename: (name: string) => string): void {
  const inputs = (names: string[]) => names.map((name) => (name === "" ? name : rename(name)));
  for (const node of graph.node) {
    node.input = inputs(node.input);
    node.output = inputs(node.output);
    node.name = rename(node.name);
  }
  for (const tensor of graph.initializer) tensor.name = rename(tensor.name);
  for (const output of graph.output) output.name = rename(output.name);
}
