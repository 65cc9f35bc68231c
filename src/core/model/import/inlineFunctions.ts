import { clone, create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from "onnx-buf";
import { ModelError } from "../errors.ts";
import { MOST_NODES, renameValues, subgraphs } from "./graph.ts";

/** Functions that call functions that call functions; those of programs do so some ten times. */
const DEEPEST = 200;
/** What protobuf can hold in one message, bytes. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Writes out the functions of a model, such as torch makes of modules: behind the call of a block an attention would be
 * hidden from whoever looks for it. A function whose operators are of another version than the network's stays a call.
 * @throws ModelError where they call each other in a circle, or stand for more nodes than any network has
 */
export function inlineFunctions(model: ModelProto & { graph: GraphProto }, file: string): void {
  if (model.functions.length === 0) return;
  const functions = new Map(model.functions.map((given) => [keyOf(given.domain, given.name, given.overload), given]));
  const fits = ({ opsetImport }: FunctionProto) =>
    opsetImport.every(({ domain, version }) => {
      const own = model.opsetImport.find((opset) => standard(opset.domain) === standard(domain));
      return own === undefined || own.version === version;
    });
  const calledBy = ({ domain, opType, overload }: NodeProto) => {
    const called = functions.get(keyOf(domain, opType, overload));
    return called !== undefined && fits(called) ? called : undefined;
  };
  const { nodes: all, bytes } = costOf(model.graph.node, calledBy, file);
  if (all > MOST_NODES || bytes > MOST_BYTES) {
    throw new ModelError(
      `${file} has functions that stand for more than ${MOST_NODES} operators or 2 GB. Export the model again without functions.`,
    );
  }
  let written = 0;
  const expand = (nodes: readonly NodeProto[]): NodeProto[] =>
    nodes.flatMap((node) => {
      for (const graph of subgraphs(node)) graph.node = expand(graph.node);
      const called = calledBy(node);
      if (called === undefined) return [node];
      written += called.node.length;
      for (const { domain, version } of called.opsetImport) addOpset(model, domain, version);
      return expand(bodyOf(called, node, `${node.output.find((name) => name !== "")}/${written}/`));
    });
  model.graph.node = expand(model.graph.node);
  model.functions = model.functions.filter((given) => !fits(given));
}

interface Cost {
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * What the calls among some nodes stand for, without writing it out: functions may call functions, and a small file could stand
 * for any number of nodes, and any number of copies of a weight.
 * @throws ModelError where they call each other in a circle
 */
function costOf(
  nodes: readonly NodeProto[],
  calledBy: (node: NodeProto) => FunctionProto | undefined,
  file: string,
): Cost {
  const known = new Map<FunctionProto, Cost | "open">();
  let depth = 0;
  const ofNodes = (some: readonly NodeProto[]): Cost => {
    const costs = some.flatMap((node) => {
      const called = calledBy(node);
      return [
        ...subgraphs(node).map((graph) => ofNodes(graph.node)),
        ...(called === undefined ? [] : [ofCall(called)]),
      ];
    });
    return costs.reduce((sum, cost) => ({ nodes: sum.nodes + cost.nodes, bytes: sum.bytes + cost.bytes }), {
      nodes: 0,
      bytes: 0,
    });
  };
  const ofCall = (called: FunctionProto): Cost => {
    const present = known.get(called);
    if (present === "open" || depth >= DEEPEST)
      throw new ModelError(
        `${file} has functions that call each other without end. Export the model again without functions.`,
      );
    if (present !== undefined) return present;
    known.set(called, "open");
    depth++;
    const inner = ofNodes(called.node);
    depth--;
    const cost = {
      nodes: inner.nodes + called.node.length,
      bytes: inner.bytes + toBinary(FunctionProtoSchema, called).length,
    };
    known.set(called, cost);
    return cost;
  };
  return ofNodes(nodes);
}

function keyOf(domain: string, name: string, overload: string): string {
  return [standard(domain), name, overload].join("\n");
}

/** Two names of the same set of operators. */
function standard(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function addOpset(model: ModelProto, domain: string, version: bigint): void {
  if (model.opsetImport.some((opset) => standard(opset.domain) === standard(domain))) return;
  model.opsetImport.push({ ...model.opsetImport[0]!, domain, version });
}

/** A function's nodes as one call of it has them. @param prefix of the values that only they use */
function bodyOf(called: FunctionProto, call: NodeProto, prefix: string): NodeProto[] {
  const names = new Map(called.input.map((name, i) => [name, call.input[i] ?? ""]));
  const passed: NodeProto[] = [];
  for (const [i, name] of called.output.entries()) {
    const output = call.output[i] ?? "";
    if (output === "") continue;
    const input = names.get(name);
    if (input === undefined || input === output) names.set(name, output);
    else passed.push(create(NodeProtoSchema, { opType: "Identity", input: [input], output: [output] }));
  }
  const given = new Map([...called.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]));
  const nodes = called.node.map((node) => {
    const copy = clone(NodeProtoSchema, node);
    renameValues(copy, (name) => names.get(name) ?? prefix + name);
    fillAttributes(copy, given);
    return copy;
  });
  return [...nodes, ...passed];
}

/**
 * Puts what the call says in the place of attributes that refer to it; without a word of it they fall back to their own
 * default. Names of nodes, of which there may be one of each, are left out.
 */
function fillAttributes(node: NodeProto, given: ReadonlyMap<string, AttributeProto>): void {
  node.name = "";
  node.attribute = node.attribute.flatMap((attribute) => {
    if (attribute.refAttrName === "") return [attribute];
    const value = given.get(attribute.refAttrName);
    return value === undefined
      ? []
      : [create(AttributeProtoSchema, { ...clone(AttributeProtoSchema, value), name: attribute.name })];
  });
  for (const graph of subgraphs(node)) for (const inner of graph.node) fillAttributes(inner, given);
}
