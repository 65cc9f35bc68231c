import type { ShownLabels, SimilarState } from "../../../src/shared/index.ts";
export declare const BRANCHES: string[];
/** Before anything is known of labels. */
export declare const NO_LABELS: ShownLabels;
/** Lists of `count` images, each shuffled a little against the others. */
export declare function similarState(count: number): SimilarState;
