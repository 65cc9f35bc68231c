import { create } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType, AttributeProtoSchema, NodeProtoSchema } from "onnx-buf";
import type { Preprocessing } from "../configs/figures.ts";
import type { ForeignGraph } from "./graph.ts";
import type { Grid } from "./grids.ts";
import type { SizedInput } from "./imageInput.ts";
import { fedFrom, inputDims, PROBE } from "./measure.ts";
import type { ForeignModel } from "./readFile.ts";
import { withSession } from "./session.ts";

/** A grid that the probe found right. */
export interface ProvenGrid extends Grid {
  /** Which of the tokens is the first position. */
  readonly first: number;
  /** Share of the values' squares that lies below zero, over the probe's picture. */
  readonly negative: number;
}

/** Places that are changed, as fractions of height and width: none that a mirrored or turned grid has in the same place. */
const PLACES = [
  [0.08, 0.55],
  [0.32, 0.12],
  [0.58, 0.86],
  [0.9, 0.36],
  [0.45, 0.7],
] as const;

/** In smaller grids each place is changed: five of a few positions are met by chance, and the fewest must be met all. */
const FEW_POSITIONS = 16;
const FEWEST_POSITIONS = 4;

/** The changed place must be among the first of so many, on average. */
const SHARE_OF_FIRST = 0.04;

const OUTPUT = "lookalike/probed";

/**
 * Finds out where in a value the places of the picture lie: a patch of the picture is changed, and the position that
 * changes most must be that of the patch. Networks of blocks x + f(x) keep each position's own value, whatever attention
 * adds to it.
 * @param grids ways to see the value as a map
 * @returns the one that holds; undefined where none does
 */
export function probe(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: SizedInput,
  preprocessing: Preprocessing,
  tensor: string,
  grids: readonly Grid[],
): Promise<ProvenGrid | undefined> {
  return withValues(foreign, graph, input, tensor, async (run) => {
    const plain = await run(fed(drawn(input), input, preprocessing));
    for (const grid of grids) {
      const changes: Change[] = [];
      for (const [row, column] of placesOf(grid)) {
        const changed = await run(fed(withPatch(drawn(input), input, grid, row, column), input, preprocessing));
        changes.push({ place: row * grid.width + column, by: differences(grid, plain, changed) });
      }
      const first = offsetOf(grid, ownChanges(changes));
      if (first !== undefined) return { ...grid, first, negative: shareBelow(plain) };
    }
    return undefined;
  });
}

/** Rows and columns of the patches that are changed. */
function placesOf({ height, width }: Grid): (readonly [number, number])[] {
  const positions = height * width;
  if (positions <= FEW_POSITIONS) {
    return Array.from({ length: positions }, (_, place) => [Math.floor(place / width), place % width]);
  }
  return PLACES.map(([down, across]) => [Math.floor(down * height), Math.floor(across * width)]);
}

/** Share of a value's squares that lies below zero, over the probe's picture. */
export function negativeShare(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: SizedInput,
  preprocessing: Preprocessing,
  tensor: string,
): Promise<number> {
  return withValues(foreign, graph, input, tensor, async (run) =>
    shareBelow(await run(fed(drawn(input), input, preprocessing))),
  );
}

type Run = (picture: Float32Array) => Promise<Float32Array>;

/** Opens a network with one value as its output, in float32. */
function withValues<T>(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: SizedInput,
  tensor: string,
  use: (run: Run) => Promise<T>,
): Promise<T> {
  const to = create(AttributeProtoSchema, { name: "to", type: AttributeProto_AttributeType.INT, i: 1n });
  const cast = create(NodeProtoSchema, { opType: "Cast", input: [tensor], output: [OUTPUT], attribute: [to] });
  const bytes = fedFrom(foreign.model, graph.proto, input, [cast], [OUTPUT]);
  return withSession(bytes, { file: foreign.file, optimise: false }, (session) =>
    use(async (picture) => {
      const feeds = { [PROBE]: { type: "float32" as const, data: picture, dims: inputDims(input) } };
      return (await session.run(feeds, [OUTPUT]))[OUTPUT]!.data ?? new Float32Array();
    }),
  );
}

interface Change {
  /** Position of the patch in the grid. */
  readonly place: number;
  /** How much each token changed, relative to its length. */
  readonly by: Float64Array;
}

/**
 * Weighs each token's change by how much more it changes at this place than at the others: trained networks have tokens that
 * gather what is everywhere in the picture, and change whatever does.
 */
function ownChanges(changes: readonly Change[]): Change[] {
  const mean = new Float64Array(changes[0]!.by.length);
  for (const { by } of changes) for (const [t, change] of by.entries()) mean[t]! += change / changes.length;
  return changes.map(({ place, by }) => ({ place, by: by.map((x, t) => (x === 0 ? 0 : (x * x) / mean[t]!)) }));
}

/** Where the positions begin among the tokens; undefined where the places do not show. */
function offsetOf({ height, width, others }: Grid, changes: readonly Change[]): number | undefined {
  const positions = height * width;
  const ranks = Array.from({ length: others + 1 }, (_, offset) =>
    changes.reduce((sum, { place, by }) => sum + rankIn(by.subarray(offset, offset + positions), place), 0),
  );
  const best = Math.min(...ranks);
  const allowed = positions <= FEWEST_POSITIONS ? 0 : changes.length * Math.max(0.6, SHARE_OF_FIRST * positions);
  if (!(best <= allowed) || ranks.filter((rank) => rank === best).length > 1) return undefined;
  return ranks.indexOf(best);
}

function rankIn(by: Float64Array, place: number): number {
  const own = by[place]!;
  // A place that does not change at all is no place, and neither is one that is no number.
  if (!(own > 0)) return by.length;
  return by.reduce((count, other, i) => count + (i !== place && !(other < own) ? 1 : 0), 0);
}

function differences(
  { layout, height, width, channels, others }: Grid,
  a: Float32Array,
  b: Float32Array,
): Float64Array {
  const tokens = height * width + others;
  const [step, next] = layout === "NCHW" ? [tokens, 1] : [1, channels];
  return Float64Array.from({ length: tokens }, (_, t) => {
    let [length, difference] = [0, 0];
    for (let c = 0, at = t * next; c < channels; c++, at += step) {
      length += a[at]! ** 2;
      difference += (a[at]! - b[at]!) ** 2;
    }
    return Math.sqrt(difference / Math.max(length, 1e-12));
  });
}

function shareBelow(values: Float32Array): number {
  let [below, all] = [0, 0];
  for (const x of values) {
    all += x * x;
    if (x < 0) below += x * x;
  }
  return all === 0 ? 0 : below / all;
}

/** A picture with some of everything, of 0..255, `[3, height, width]`. */
function drawn({ width, height }: SizedInput): Float32Array {
  let state = 7;
  return Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const wave = Math.sin((x / width) * (5 + c) + (y / height) * (9 - 2 * c) + c);
    return 128 + 70 * wave + (state >>> 24) / 8;
  });
}

/** The picture with one patch turned to its negative. */
function withPatch(
  picture: Float32Array,
  { width, height }: SizedInput,
  grid: Grid,
  row: number,
  column: number,
): Float32Array {
  const [top, bottom] = [row, row + 1].map((edge) => Math.round((edge * height) / grid.height)) as [number, number];
  const [left, right] = [column, column + 1].map((edge) => Math.round((edge * width) / grid.width)) as [number, number];
  for (let c = 0; c < 3; c++) {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const at = (c * height + y) * width + x;
        picture[at] = 255 - picture[at]!;
      }
    }
  }
  return picture;
}

/** A picture as the network is fed it, in its layout. */
function fed(picture: Float32Array, { layout, width, height }: SizedInput, { mean, std }: Preprocessing): Float32Array {
  const area = width * height;
  const result = new Float32Array(picture.length);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) {
      const value = (picture[c * area + i]! - mean[c]!) / std[c]!;
      result[layout === "NCHW" ? c * area + i : i * 3 + c] = value;
    }
  }
  return result;
}
