import { type DescriptorKind } from "../../shared/index.ts";
import type { BackboneSource } from "./backbones/backbone.ts";
export interface BranchSpec {
    readonly kind: DescriptorKind;
    /** Index into the backbone's taps; 0 where absent. */
    readonly tap?: number;
    /** GeM's exponent. */
    readonly p?: number;
    /** FC weights, float32 `[C, dim]`; without them the branch is the pooled vector itself. */
    readonly fc?: {
        readonly weights: Float32Array;
        readonly dim: number;
    };
}
export interface ModelSpec {
    readonly name: string;
    readonly backbone: BackboneSource;
    /** One to eight, in order. */
    readonly branches: readonly BranchSpec[];
}
/**
 * Writes a CGD model: backbone, then per branch descriptor + FC + L2, then concatenation + L2 (arXiv 1903.10663, figure 2).
 * The same spec gives the same bytes.
 * @returns an ONNX file in the format that `ModelManifest` describes
 */
export declare function buildModel({ name, backbone: source, branches }: ModelSpec): Uint8Array;
/**
 * Branches from the paper's letters, such as `SMG` or `GS`.
 * @throws ModelError for another letter
 */
export declare function branchesFromLetters(letters: string): BranchSpec[];
