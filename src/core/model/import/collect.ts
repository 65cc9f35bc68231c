import type { ForeignGraph } from "./graph.ts";
import { gridSizes, gridsOf, type PatchSize } from "./grids.ts";
import type { Layout, SizedInput } from "./imageInput.ts";
import { layouts } from "./layouts.ts";
import type { Measured } from "./measure.ts";
import { mainLine } from "./stream.ts";
import type { FeatureMapInfo, Spatial, Values, VectorInfo } from "./values.ts";

/** What the values of a network are, from the last one to the first. */
export function collect(
  graph: ForeignGraph,
  input: SizedInput,
  shapes: ReadonlyMap<string, Measured>,
  patch: PatchSize | undefined,
): Values {
  const layout = layouts(graph, input);
  const outputs = new Set(graph.proto.output.map(({ name }) => name));
  const line = new Set(mainLine(graph, input.name, shapes));
  const drawn = pictures(graph, shapes, layout);
  const maps: FeatureMapInfo[] = [];
  const turned = channelsFirst(graph, line);
  const spatial: Omit<Spatial, "grids">[] = [];
  const vectors: VectorInfo[] = [];
  const order = graph.nodes.flatMap((node) => node.output.map((tensor) => ({ tensor, op: node.opType })));
  for (const { tensor, op } of order.reverse()) {
    const shape = shapes.get(tensor);
    if (shape === undefined) continue;
    const { dims, type } = shape;
    const how = layout.get(tensor);
    if (dims.length === 4 && how !== undefined) {
      const [, a = 0, b = 0, c = 0] = dims;
      const [channels, height, width] = how === "NCHW" ? [a, b, c] : [c, a, b];
      if (height > 1 && width > 1 && channels > 0)
        maps.push({ tensor, op, layout: how, channels, height, width, type, others: 0, first: 0 });
    } else if ((dims.length === 3 && !drawn.has(tensor)) || dims.length === 4) {
      spatial.push({ tensor, op, type, dims, main: outputs.has(tensor) || line.has(tensor) });
    }
    const flat = dims.length === 2 || (dims.length === 4 && dims[2] === 1 && dims[3] === 1);
    if (flat && dims[0] === 1 && (dims[1] ?? 0) > 1) vectors.push({ tensor, op, dim: dims[1]!, type });
  }
  vectors.sort((a, b) => Number(outputs.has(b.tensor)) - Number(outputs.has(a.tensor)));
  const sizes = gridSizes(input, patch, maps);
  const grids = (value: Omit<Spatial, "grids">) => (turned.has(value.tensor) ? [] : gridsOf(value, sizes, input));
  return { maps, vectors, spatial: spatial.map((value) => ({ ...value, grids: grids(value) })) };
}

/** Tokens of the main line, or some of them, turned to `[N, C, T]`: their channels would be taken for positions. */
function channelsFirst({ nodes }: ForeignGraph, line: ReadonlySet<string>): ReadonlySet<string> {
  const tokens = new Set(line);
  const turned = new Set<string>();
  for (const { opType, input, output, attribute } of nodes) {
    const from = input[0] ?? "";
    const perm = attribute.find(({ name }) => name === "perm")?.ints.join();
    const turns = opType === "Transpose" && perm === "0,2,1" && tokens.has(from);
    const kept = /^(Slice|Identity|Cast)$/.test(opType);
    for (const made of output) {
      if (turns || (kept && turned.has(from))) turned.add(made);
      else if (kept && tokens.has(from)) tokens.add(made);
    }
  }
  return turned;
}

/** Values `[N, height, width]` that are made of feature maps without their channels, such as a depth or a mask: no tokens. */
function pictures(
  graph: ForeignGraph,
  shapes: ReadonlyMap<string, Measured>,
  layout: ReadonlyMap<string, Layout>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const sides = (name: string): string | undefined => {
    const dims = shapes.get(name)?.dims ?? [];
    if (found.has(name)) return dims.slice(1).join();
    const how = dims.length === 4 ? layout.get(name) : undefined;
    return how === undefined ? undefined : (how === "NCHW" ? dims.slice(2) : dims.slice(1, 3)).join();
  };
  for (const { input, output } of graph.nodes) {
    const [name = ""] = output;
    const dims = shapes.get(name)?.dims;
    if (dims?.length === 3 && input.some((each) => sides(each) === dims.slice(1).join())) found.add(name);
  }
  return found;
}
