import { basename } from "node:path";
import type { InputSpec, Tap } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import type { BackboneSource } from "../backbones/backbone.ts";
import type { Preprocessing } from "../configs/figures.ts";
import { LONGEST_TEXT } from "../manifest.ts";
import { readWeightsOrigin } from "../weightsOrigin.ts";
import type { OwnVector } from "./branches.ts";
import { grafted } from "./grafted.ts";
import type { Inspection } from "./inspect.ts";
import { addPreprocessing } from "./preprocessing.ts";
import type { ForeignModel } from "./readFile.ts";
import type { FeatureMapInfo, VectorInfo } from "./values.ts";

interface Parts {
  readonly foreign: ForeignModel;
  readonly inspection: Inspection;
  readonly vector: OwnVector | undefined;
  readonly preprocessing: Preprocessing;
  readonly resizing: Pick<InputSpec, "resize" | "kernel">;
  readonly licence: string | undefined;
}

/** From this share of the squares below zero on, cutting them off would lose what a channel says. */
const SIGNED_FROM = 0.05;

/** The foreign network as a backbone: its preprocessing, and a gap that `graft` fills. */
export function backboneSource(parts: Parts): BackboneSource {
  const { foreign, inspection, vector, preprocessing, resizing } = parts;
  const { input, chosen: taken, configs } = inspection;
  const { name, weights } = origin(foreign, parts.licence ?? licenceIn(foreign) ?? configs.trained.licence);
  const { resize, kernel } = resizing;
  return {
    backbone: {
      name,
      lastDownsampling: "kept",
      taps: [tapOf(taken), ...(vector === undefined ? [] : [ownTap(vector)])],
    },
    weights: { ...weights, source: `${weights.source}; preprocessing ${preprocessing.name}, ${preprocessing.order}` },
    inputSize: input.width,
    inputHeight: input.height,
    signed: "channels" in taken && (taken.layout === "tokens" || (taken.negative ?? 0) >= SIGNED_FROM),
    resizing: { resize, ...(kernel === undefined ? {} : { kernel }) },
    addTo(graph, pixels) {
      addPreprocessing(graph, pixels, preprocessing, input, grafted(input.name));
      const value = inFloat32(graph, taken);
      const map = "channels" in taken ? asMap(graph, value, taken) : value;
      return vector === undefined ? [map] : [map, ownVector(graph, value, vector)];
    },
  };
}

function tapOf(taken: FeatureMapInfo | VectorInfo): Tap {
  const { tensor } = taken;
  if (!("channels" in taken)) return { name: tensor, channels: taken.dim, height: 1, width: 1 };
  return { name: tensor, channels: taken.channels, height: taken.height, width: taken.width };
}

function ownTap(vector: OwnVector): Tap {
  const name = "tensor" in vector ? vector.tensor : `token ${vector.token}`;
  return { name, channels: vector.dim, height: 1, width: 1 };
}

function inFloat32(graph: GraphBuilder, { tensor, type }: Pick<VectorInfo, "tensor" | "type">): string {
  const value = grafted(tensor);
  return type === "float16" ? graph.op("Cast", [value], { to: 1 }) : value;
}

/** @returns `[N, C, h, w]` */
function asMap(graph: GraphBuilder, value: string, map: FeatureMapInfo): string {
  const { layout, first, channels, height, width } = map;
  if (layout === "NCHW") return value;
  if (layout === "NHWC") return graph.op("Transpose", [value], { perm: [0, 3, 1, 2] });
  const positions = height * width;
  const patches =
    map.others === 0
      ? value
      : graph.op("Slice", [value, graph.ints([first]), graph.ints([first + positions]), graph.ints([1])]);
  const rows = graph.op("Transpose", [patches], { perm: [0, 2, 1] });
  return graph.op("Reshape", [rows, graph.ints([0, channels, height, width])]);
}

/** @returns `[N, dim]` */
function ownVector(graph: GraphBuilder, tokens: string, vector: OwnVector): string {
  if ("tensor" in vector) return inFloat32(graph, vector);
  const { token } = vector;
  return graph.op("Slice", [tokens, graph.ints([token]), graph.ints([token + 1]), graph.ints([1])]);
}

/** A card and a configuration need not agree. */
function both(card: string, other: string | undefined): string {
  return other === undefined || other === card ? card : `${card}; elsewhere ${other}`;
}

function metadataOf({ model }: ForeignModel): ReadonlyMap<string, string> {
  return new Map(model.metadataProps.map(({ key, value }) => [key.toLowerCase(), value]));
}

function licenceIn(foreign: ForeignModel): string | undefined {
  const metadata = metadataOf(foreign);
  return (metadata.get("license") ?? metadata.get("licence"))?.slice(0, LONGEST_TEXT);
}

/** Where the weights come from. The version is the file's hash: exporters rarely write one that says anything. */
function origin({ file, hash, model }: ForeignModel, licence: string | undefined) {
  const known = readWeightsOrigin(file, hash);
  // Downloaded from a hub: what lies beside it says where from.
  if (known.licence !== "unknown") {
    return {
      name: basename(file).replace(/\.onnx$/i, ""),
      weights: { ...known, licence: both(known.licence, licence) },
    };
  }
  const producer = `${model.producerName} ${model.producerVersion}`.trim().slice(0, LONGEST_TEXT);
  return {
    name: basename(file).replace(/\.onnx$/i, ""),
    weights: {
      source: producer === "" ? basename(file) : `${basename(file)} (${producer})`,
      version: `sha256 ${hash.slice(0, 16)}`,
      licence: licence ?? "unknown",
    },
  };
}
