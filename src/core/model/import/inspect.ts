import type { Preprocessing } from "../configs/figures.ts";
import { type Configs, readConfigs } from "../configs/index.ts";
import { ModelError } from "../errors.ts";
import { choose } from "./choose.ts";
import { collect } from "./collect.ts";
import { computableFrom, type ForeignGraph, foreignGraph, layersBefore } from "./graph.ts";
import type { Grid, PatchSize } from "./grids.ts";
import { type ImageInput, imageInput, type SizedInput } from "./imageInput.ts";
import { type Measured, measure } from "./measure.ts";
import { patchesOf } from "./patches.ts";
import { type Recognised, recognisePreprocessing } from "./preprocessing.ts";
import { negativeShare, type ProvenGrid, probe } from "./probe.ts";
import type { ForeignModel } from "./readFile.ts";
import { sizesFor } from "./sizes.ts";
import type { FeatureMapInfo, Values, VectorInfo } from "./values.ts";

export interface Inspection {
  readonly file: string;
  readonly producer: string;
  readonly opset: number;
  readonly input: SizedInput;
  /** Sides of the input that the network's positions fit, or that are whole patches; none where the file fixes the size. */
  readonly sizes: readonly number[];
  /** Inputs of the network that are left out: what is taken does not need them. */
  readonly unused: readonly string[];
  readonly preprocessing: Recognised;
  /** Names of the network's outputs. */
  readonly outputs: readonly string[];
  /** What the files beside the network say of how it was trained. */
  readonly configs: Configs;
  /** From the last one to the first. Of tokens where the positions lie is proven for the chosen one only. */
  readonly maps: readonly FeatureMapInfo[];
  /** The network's own outputs first, then from the last one to the first. */
  readonly vectors: readonly VectorInfo[];
  /** Tensors that one layer makes of the image, such as a transformer's bare patches: they hold colours and edges. */
  readonly firstLayer: readonly string[];
  /** What the import takes where the user names nothing: the last feature map that nothing but pooling follows. */
  readonly chosen: FeatureMapInfo | VectorInfo;
  /** Why it is not what one would expect; for people. */
  readonly notes: readonly string[];
}

export interface InspectOptions {
  /** Asked width and height, for networks that take any. */
  readonly size?: number | undefined;
  /** The value that is to be taken. */
  readonly map?: string | undefined;
  /** What the network wants to be fed; recognised where absent. */
  readonly preprocessing?: Preprocessing | undefined;
}

/**
 * Finds what descriptors can be hung on, by running the network once on the CPU with its inner values as outputs.
 * @throws ModelError where the network cannot be run, or has neither feature map nor vector
 */
export async function inspect(foreign: ForeignModel, options: InspectOptions = {}): Promise<Inspection> {
  const { file, model, opset } = foreign;
  const whole = foreignGraph(model.graph);
  const found = imageInput(
    whole,
    file,
    options.map !== undefined && whole.producers.has(options.map) ? options.map : undefined,
  );
  const graph = computableFrom(whole, found.name);
  const unused = unusedInputs(whole, found);
  const configs = readConfigs(file);
  const patches = patchesOf(graph, found);
  const { trials, offered } = sizesFor(graph, file, found, configs, patches, options.size);
  const { input, shapes } = await measureAny(foreign, graph, trials, offered);
  const recognised = recognisePreprocessing(foreign, graph, input, configs);
  const preprocessing = options.preprocessing ?? recognised.preprocessing;

  const values = collect(graph, input, shapes, patches ?? square(configs.patch));
  const prove = (tensor: string, grids: readonly Grid[]): Promise<ProvenGrid | undefined> =>
    probe(foreign, graph, input, preprocessing, tensor, grids);
  const { chosen: taken, notes } = await choose({
    ...values,
    file,
    graph,
    input,
    prove,
    unused,
    map: options.map,
    embedding: patches?.tensor,
  });
  const chosen =
    "channels" in taken && taken.negative === undefined
      ? { ...taken, negative: await negativeShare(foreign, graph, input, preprocessing, taken.tensor) }
      : taken;
  const { producerName, producerVersion } = model;
  const layers = layersBefore(graph, found.name);
  const maps = listed(values, chosen, graph);
  return {
    file,
    producer: `${producerName} ${producerVersion}`.trim(),
    opset,
    input,
    sizes: offered,
    unused,
    preprocessing: recognised,
    outputs: graph.proto.output.map(({ name }) => name),
    configs,
    maps,
    vectors: values.vectors,
    firstLayer: maps.map(({ tensor }) => tensor).filter((tensor) => (layers.get(tensor) ?? 2) < 2),
    chosen,
    notes,
  };
}

/** Runs the network at the first size that it takes. */
async function measureAny(
  foreign: ForeignModel,
  graph: ForeignGraph,
  trials: readonly SizedInput[],
  offered: readonly number[],
): Promise<{ input: SizedInput; shapes: Map<string, Measured> }> {
  let first: unknown;
  for (const input of trials) {
    try {
      return { input, shapes: await measure(foreign, graph, input) };
    } catch (error) {
      first ??= error;
    }
  }
  const [input] = trials;
  if (!(first instanceof ModelError) || input?.fixedSize !== false || offered.length === 0) throw first;
  if (offered.includes(input.width) && input.width === input.height) throw first;
  throw new ModelError(`${first.message} Sizes that it may take: ${offered.join(", ")} (--size).`, { cause: first });
}

function square(side: number | undefined): PatchSize | undefined {
  return side === undefined ? undefined : { width: side, height: side };
}

function unusedInputs({ proto, constants }: ForeignGraph, { name }: ImageInput): string[] {
  return proto.input.map((input) => input.name).filter((input) => input !== name && !constants.has(input));
}

/** The maps and those tokens that may be taken, from the last one to the first. */
function listed({ maps, spatial }: Values, chosen: FeatureMapInfo | VectorInfo, graph: ForeignGraph): FeatureMapInfo[] {
  const tokens = spatial.flatMap(({ tensor, op, type, grids, main }): FeatureMapInfo[] => {
    if (tensor === chosen.tensor && "channels" in chosen) return [chosen];
    const [grid] = grids;
    return grid === undefined || !main ? [] : [{ tensor, op, type, ...grid, first: grid.others }];
  });
  const place = new Map(graph.nodes.flatMap(({ output }, i) => output.map((name) => [name, i] as const)));
  const others = maps.map((map) => (map.tensor === chosen.tensor && "channels" in chosen ? chosen : map));
  return [...tokens, ...others].sort((a, b) => place.get(b.tensor)! - place.get(a.tensor)!);
}
