import { CONVOLUTION } from "./convolution.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { LAYOUT } from "./layout.ts";
import { MAX_POOL } from "./maxPool.ts";
import { NORMALISED } from "./normalise.ts";
import { POOLING } from "./pooling.ts";
import { PRODUCTS } from "./product.ts";
import { REDUCTIONS } from "./reduce.ts";
import type { GradientRule } from "./rule.ts";

export { addUp, type Backward } from "./rule.ts";

/** The operators that can be differentiated: a closed list, each with a test against float64. */
export const GRADIENTS: Readonly<Record<string, GradientRule>> = {
  ...CONVOLUTION,
  ...ELEMENTWISE,
  ...LAYOUT,
  ...MAX_POOL,
  ...NORMALISED,
  ...POOLING,
  ...PRODUCTS,
  ...REDUCTIONS,
};

/** Steps: their gradient is zero wherever it is defined. */
export const WITHOUT_GRADIENT: ReadonlySet<string> = new Set(["Equal", "Greater", "Less", "Cast"]);
