import type { Measured } from "./measure.ts";

/** How the values of a spatial tensor lie: as a map, or as tokens `[N, T, C]` in rows from left to right. */
export type SpatialLayout = "NCHW" | "NHWC" | "tokens";

/** A way to see a tensor as a feature map. */
export interface Grid {
  readonly layout: SpatialLayout;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Tokens that belong to no position: class, distillation, registers. */
  readonly others: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** More tokens than these stand beside the patches in detectors alone. */
const MAX_OTHERS = 16;
const MAX_OTHERS_OF_ALL = 128;
/** A network halves its patches this many times at most. */
const HALVINGS = 5;

/** Pixels. */
export type PatchSize = Size;

/**
 * Sizes of the grids that a network may have: the one of its patches, and that halved again and again; then those of its
 * feature maps.
 */
export function gridSizes(input: Size, patch: PatchSize | undefined, maps: readonly Size[]): Size[] {
  const sizes = new Map<string, Size>();
  const add = ({ height, width }: Size) => {
    if (height > 1 && width > 1) sizes.set(`${height} ${width}`, { height, width });
  };
  if (patch !== undefined) {
    const [height, width] = [Math.floor(input.height / patch.height), Math.floor(input.width / patch.width)];
    for (let i = 0; i <= HALVINGS; i++) add({ height: Math.ceil(height / 2 ** i), width: Math.ceil(width / 2 ** i) });
  }
  for (const map of maps) add(map);
  return [...sizes.values()];
}

/**
 * All ways to see a tensor as a feature map, the likeliest first. Which one is right the probe finds out.
 * @param sizes as `gridSizes` gives them; none where the patches are not known: then any grid of the input's shape
 */
export function gridsOf({ dims }: Pick<Measured, "dims">, sizes: readonly Size[], input: Size): Grid[] {
  if (dims[0] !== 1) return [];
  if (dims.length === 3) return tokenGrids(dims[1]!, dims[2]!, sizes, input);
  if (dims.length !== 4) return [];
  const [, a = 0, b = 0, c = 0] = dims;
  const shaped = (height: number, width: number) =>
    height > 1 && width > 1 && sizes.some((size) => size.height === height && size.width === width);
  return [
    ...(shaped(a, b) ? [{ layout: "NHWC" as const, height: a, width: b, channels: c, others: 0 }] : []),
    ...(shaped(b, c) ? [{ layout: "NCHW" as const, height: b, width: c, channels: a, others: 0 }] : []),
  ];
}

function tokenGrids(tokens: number, channels: number, sizes: readonly Size[], input: Size): Grid[] {
  const fitting = (all: readonly Size[], mostOfFirst: number) =>
    all.flatMap(({ height, width }, i): Grid[] => {
      const others = tokens - height * width;
      const most = i === 0 ? mostOfFirst : MAX_OTHERS;
      return others < 0 || others > most ? [] : [{ layout: "tokens", height, width, channels, others }];
    });
  const known = fitting(sizes, MAX_OTHERS_OF_ALL);
  // Patches that are cut out by other means than a convolution leave no size behind.
  return known.length > 0 ? known : fitting(guessed(tokens, input), MAX_OTHERS);
}

/** Where nothing says how large the patches are: grids of the input's aspect ratio with few tokens beside them. */
function guessed(tokens: number, { width, height }: Size): Size[] {
  const found: Size[] = [];
  for (let others = 0; others <= MAX_OTHERS && tokens - others >= 4; others++) {
    const rows = Math.sqrt(((tokens - others) * height) / width);
    const columns = (rows * width) / height;
    if (Number.isInteger(rows) && Number.isInteger(columns) && rows > 1) found.push({ height: rows, width: columns });
  }
  return found;
}
