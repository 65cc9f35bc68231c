/** One node of a TensorFlow.js graph model, as far as it matters here. */
export interface TfjsNode {
    readonly name: string;
    readonly op: string;
    readonly input: readonly string[];
    readonly attr: Readonly<Record<string, unknown>>;
}
export interface TfjsTensor {
    readonly values: Float32Array;
    readonly shape: readonly number[];
}
export interface TfjsGraph {
    readonly nodes: readonly TfjsNode[];
    readonly tensors: ReadonlyMap<string, TfjsTensor>;
}
/**
 * Reads a TensorFlow.js graph model that is wrapped as CommonJS modules: `model.min.js` gives the JSON, each weight shard
 * a base64 text. Weights stored as uint8 are brought back by their affine map, value = byte * scale + min.
 * @param folder that holds `model.min.js` and the shards
 * @throws ModelError where the model is not as expected
 */
export declare function readTfjsGraph(folder: string): TfjsGraph;
