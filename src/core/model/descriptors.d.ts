import type { DescriptorKind } from "../../shared/index.ts";
import type { GraphBuilder } from "./onnx/index.ts";
/**
 * A global descriptor pools a feature map `[N, C, h, w]` to `[N, C]`: f_c = (mean over positions of x^p)^(1/p), where
 * SPoC is p = 1, MAC is p towards infinity, and GeM lies between (arXiv 1903.10663, section 3.2).
 * Primitive operators only: each of them exists on every execution provider.
 */
export declare function addDescriptor(graph: GraphBuilder, kind: DescriptorKind, features: string, p: number): string;
/** FC without bias: `[N, C]` times `[C, d]`. @param weights float32 `[C, d]`, row by row */
export declare function addFc(graph: GraphBuilder, pooled: string, weights: Float32Array, c: number, d: number): string;
/** Brings each row of `[N, d]` to norm 1; a zero row stays zero instead of becoming NaN. */
export declare function addL2(graph: GraphBuilder, rows: string, output: string): string;
