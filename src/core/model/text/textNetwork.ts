import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { ModelError } from "../errors.ts";
import { foreignGraph, namesRead, nodesFor } from "../import/graph.ts";
import type { ForeignModel } from "../import/readFile.ts";
import type { TextManifest } from "./textManifest.ts";

/** Output of our text towers. */
export const TEXT_OUTPUT = "text";

/** A network that takes words, as it is in a foreign file. */
export interface TextNetwork {
  readonly output: string;
  readonly ids: TextManifest["ids"];
  readonly beside: TextManifest["beside"];
  /** Tokens, where the file fixes them. */
  readonly context: number | undefined;
}

const INTS = new Map<number, "int64" | "int32">([
  [TensorProto_DataType.INT64, "int64"],
  [TensorProto_DataType.INT32, "int32"],
]);

/** What a text's embedding is called, the one in the space of pictures first. */
const OUTPUTS = [/^text_embed/i, /text.*(embed|feature)/i, /^pooler_output$/i, /embed|feature|pool/i];

/**
 * Finds the tokens' input and the embedding's output. Of a file with both towers only the part for words counts.
 * @param wanted an output that the user named
 * @param masked whether the tokenizer tells the network which places are filled up
 * @throws ModelError where there is no such input or output
 */
export function textNetwork({ file, model }: ForeignModel, wanted: string | undefined, masked: boolean): TextNetwork {
  const graph = foreignGraph(model.graph);
  const inputs = model.graph.input.filter(({ name }) => !graph.constants.has(name));
  const rows = inputs.filter((input) => INTS.has(typeOf(input)) && shapeOf(input).length === 2);
  const isIds = ({ name }: ValueInfoProto) => /input_ids|^ids$|^text$|tokens?$/i.test(name);
  const ids = rows.find(isIds) ?? (rows.length === 1 ? rows[0] : undefined);
  if (ids === undefined) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new ModelError(
      `${file} takes no words: none of its inputs (${names}) is a row of tokens. Name the text tower of the model.`,
    );
  }
  const words = new Set(rows.map(({ name }) => name));
  const reads = (output: string) => {
    const nodes = nodesFor(graph, output);
    return inputs.filter(({ name }) => nodes.some((node) => namesRead(node).includes(name)));
  };
  const own = model.graph.output.filter((output) => {
    const read = reads(output.name);
    return read.includes(ids) && read.every(({ name }) => words.has(name));
  });
  // Rows of tokens are no embedding of the text.
  const vectors = own.filter((output) => shapeOf(output).length !== 3);
  const output =
    wanted === undefined
      ? (OUTPUTS.map((pattern) => vectors.find(({ name }) => pattern.test(name))).find(
          (found) => found !== undefined,
        ) ?? (vectors.length === 1 ? vectors[0] : undefined))
      : own.find(({ name }) => name === wanted);
  if (output === undefined) {
    const names = model.graph.output.map(({ name }) => name).join(", ");
    throw new ModelError(
      wanted === undefined
        ? `${file} gives no embedding of a text (its outputs: ${names}). Export the tower with its projection (text_embeds or pooler_output).`
        : `${file} has no output "${wanted}" that words alone make. It has: ${names}.`,
    );
  }
  const read = reads(output.name);
  const beside = read
    .filter((input) => input !== ids)
    .map((input) => ({ ...intInput(input), holds: held(input.name, file, masked) }));
  const length = shapeOf(ids)[1];
  return { output: output.name, ids: intInput(ids), beside, context: typeof length === "number" ? length : undefined };
}

function held(name: string, file: string, masked: boolean): TextManifest["beside"][number]["holds"] {
  if (/mask/i.test(name)) return masked ? "mask" : "ones";
  if (/type/i.test(name)) return "zeros";
  if (/position/i.test(name)) return "places";
  throw new ModelError(`${file} wants "${name}" beside the tokens, which is not known here. Export it without.`);
}

/**
 * The part of a network that makes the embedding, as a file of its own with the output `text` in float32.
 * @param metadata of the file
 */
export function cutText({ model }: ForeignModel, network: TextNetwork, metadata: Record<string, string>): Uint8Array {
  const graph = foreignGraph(model.graph);
  const nodes = nodesFor(graph, network.output);
  const read = new Set(nodes.flatMap(namesRead));
  const taken = new Set([network.ids.name, ...network.beside.map(({ name }) => name)]);
  const cast = create(NodeProtoSchema, {
    name: TEXT_OUTPUT,
    opType: "Cast",
    input: [network.output],
    output: [TEXT_OUTPUT],
    attribute: [{ name: "to", type: AttributeProto_AttributeType.INT, i: BigInt(TensorProto_DataType.FLOAT) }],
  });
  const part = create(GraphProtoSchema, {
    ...model.graph,
    name: "text",
    node: [...nodes, cast],
    initializer: model.graph.initializer.filter(({ name }) => read.has(name)),
    sparseInitializer: model.graph.sparseInitializer.filter(({ values }) => read.has(values?.name ?? "")),
    input: model.graph.input.filter(({ name }) => taken.has(name) || (read.has(name) && graph.constants.has(name))),
    output: [
      create(ValueInfoProtoSchema, {
        name: TEXT_OUTPUT,
        type: { value: { case: "tensorType", value: { elemType: TensorProto_DataType.FLOAT } } },
      }),
    ],
    valueInfo: [],
  });
  const file = create(ModelProtoSchema, {
    ...model,
    graph: part,
    metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
  return toBinary(ModelProtoSchema, file);
}

function typeOf({ type }: ValueInfoProto): number {
  return type?.value.case === "tensorType" ? type.value.value.elemType : 0;
}

/** A name, or nothing, stands for a size that is left open. */
function shapeOf({ type }: ValueInfoProto): (number | string)[] {
  if (type?.value.case !== "tensorType") return [];
  return (type.value.value.shape?.dim ?? []).map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : (value.value ?? ""),
  );
}

function intInput(input: ValueInfoProto): TextManifest["ids"] {
  return { name: input.name, type: INTS.get(typeOf(input)) ?? "int64" };
}
