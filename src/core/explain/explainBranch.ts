import type { Attribution, Branch, BranchExplanation } from "../../shared/index.ts";
import { UnexplainedError } from "./branchGraph.ts";
import { gradient, type HeadValues } from "./head.ts";
import { bestMatches } from "./matches.ts";
import {
  type PooledMap,
  type Spread,
  spreadMaximum,
  spreadMean,
  spreadPower,
  spreadRegions,
  spreadShifted,
  spreadWeightedPower,
  spreadWeightedSum,
} from "./spread.ts";

export interface ImageValues extends PooledMap {
  /** `[d]` of norm 1. */
  readonly embedding: Float32Array;
  /** Weights of the positions, where the descriptor has them. */
  readonly spatial: Float32Array | undefined;
}

/** What a branch makes of a query and a result. */
export interface BranchValues {
  readonly branch: Branch;
  readonly steps: readonly HeadValues[];
  readonly p: Float32Array | undefined;
  /** The query, then the result. */
  readonly images: readonly ImageValues[];
  readonly local: Float32Array;
  readonly products: Float32Array;
}

/** Positions are told as 16-bit numbers. */
const MAX_POSITIONS = 65_536;

/** A map that misses its score by more is no explanation; rounding stays below a hundredth of this. */
const TOLERANCE = 1e-3;

/** @throws UnexplainedError where the parts do not add up to the score */
export function explainBranch({ branch, steps, p, images, local, products }: BranchValues): BranchExplanation {
  const [query, result] = images as [ImageValues, ImageValues];
  const positions = query.height * query.width;
  if (positions > MAX_POSITIONS) throw new UnexplainedError(`Its feature map has ${positions} positions.`);
  const score = query.embedding.reduce((sum, x, i) => sum + x * result.embedding[i]!, 0);
  const sides = {
    query: attribute(branch, steps, p, query, result),
    result: attribute(branch, steps, p, result, query),
  };
  for (const { map, constant } of Object.values(sides)) {
    const sum = map.reduce((total, part) => total + part, constant);
    if (Math.abs(sum - score) > TOLERANCE) {
      throw new UnexplainedError(`The parts add up to ${sum.toFixed(3)} instead of the score ${score.toFixed(3)}.`);
    }
  }
  const exact = (branch.kind === "SPoC" || branch.kind === "MAC") && branch.attention === undefined;
  return { name: branch.name, score, exact, ...sides, matches: bestMatches(local, products, positions) };
}

function attribute(
  branch: Branch,
  steps: readonly HeadValues[],
  p: Float32Array | undefined,
  image: ImageValues,
  other: ImageValues,
): Attribution {
  const { v, constant } = gradient(steps, image.pooled, other.embedding);
  const map = Float32Array.from(spreadOf(branch, p, image.spatial)(image, v));
  return { width: image.width, height: image.height, map, constant };
}

function spreadOf(
  { kind, levels, signed }: Branch,
  p: Float32Array = Float32Array.of(1),
  spatial: Float32Array = new Float32Array(),
): Spread {
  switch (kind) {
    case "SPoC":
      return spreadMean;
    case "MAC":
      return spreadMaximum;
    case "GeM":
      return signed === undefined ? spreadPower(p) : spreadShifted(spreadPower(p));
    case "wGeM": {
      const above = spreadWeightedPower(p, spatial);
      return signed === undefined ? above : spreadShifted(above);
    }
    case "CroW":
      return spreadWeightedSum(spatial);
    case "RMAC":
      return spreadRegions(levels ?? 1);
    case "Vector":
      throw new UnexplainedError("The network gives a vector and not the feature map that it comes from.");
  }
}
