import type { ForeignGraph } from "./graph.ts";
import { gridSizes, gridsOf, type PatchSize } from "./grids.ts";
import type { SizedInput } from "./imageInput.ts";
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
  const maps: FeatureMapInfo[] = [];
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
    } else if (dims.length === 3 || dims.length === 4) {
      spatial.push({ tensor, op, type, dims, main: outputs.has(tensor) || line.has(tensor) });
    }
    const flat = dims.length === 2 || (dims.length === 4 && dims[2] === 1 && dims[3] === 1);
    if (flat && dims[0] === 1 && (dims[1] ?? 0) > 1) vectors.push({ tensor, op, dim: dims[1]!, type });
  }
  vectors.sort((a, b) => Number(outputs.has(b.tensor)) - Number(outputs.has(a.tensor)));
  const sizes = gridSizes(input, patch, maps);
  return { maps, vectors, spatial: spatial.map((value) => ({ ...value, grids: gridsOf(value, sizes, input) })) };
}
