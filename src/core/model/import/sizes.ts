import type { Configs } from "../configs/index.ts";
import { ModelError } from "../errors.ts";
import type { ForeignGraph } from "./graph.ts";
import type { ImageInput, SizedInput } from "./imageInput.ts";
import { type Patches, positionsOf, sidesFor } from "./patches.ts";

/** Width and height where neither the file nor the user says: what nearly all networks are trained at. */
const DEFAULT_SIZE = 224;
const MAX_SIZE = 2048;
/** What is offered to networks that take any size, cut to whole patches. */
const OFFERED = [224, 256, 336, 384, 518];

export interface Sizes {
  /** The input at each size that is worth a trial, the best one first. */
  readonly trials: readonly SizedInput[];
  /** Sides that the network's positions fit, or that whole patches fill; of a network that is not fixed. */
  readonly offered: readonly number[];
}

/**
 * Sizes for the input of a network that leaves it open: what was asked for; else what the files beside it say, what its
 * positions fit, and what most networks take.
 * @throws ModelError where the asked size cannot be
 */
export function sizesFor(
  graph: ForeignGraph,
  file: string,
  input: ImageInput,
  { trained }: Configs,
  patches: Patches | undefined,
  size: number | undefined,
): Sizes {
  const { height: h, width: w } = input;
  if (size !== undefined && ((h ?? size) !== size || (w ?? size) !== size)) {
    throw new ModelError(
      `${file} takes images of ${w ?? "any"} x ${h ?? "any"} pixels only; leave the size out, or export the model with dynamic height and width.`,
    );
  }
  const fixedSize = h !== undefined && w !== undefined;
  const positions = patches === undefined ? [] : positionsOf(graph, input, patches.channels);
  const fitting = positions.flatMap((count) => sidesFor(count, patches!.height));
  const whole = (side: number) => (patches === undefined ? side : Math.floor(side / patches.height) * patches.height);
  const offered = fixedSize ? [] : fitting.length > 0 ? fitting : [...new Set(OFFERED.map(whole))];
  const said = trained.width === undefined || trained.height === undefined ? [] : [[trained.width, trained.height]];
  const others = [...said, ...[...fitting, whole(DEFAULT_SIZE)].map((side) => [side, side])];
  const wanted = size === undefined ? others : [[size, size]];
  const trials = new Map<string, SizedInput>();
  for (const [across, down] of wanted) {
    const [width, height] = [w ?? across!, h ?? down!];
    if (Math.max(height, width) > MAX_SIZE) {
      throw new ModelError(
        `${file} takes images of ${width} x ${height} pixels; more than ${MAX_SIZE} a side is not supported.`,
      );
    }
    trials.set(`${width} ${height}`, { ...input, width, height, fixedSize });
  }
  return { trials: [...trials.values()], offered };
}
