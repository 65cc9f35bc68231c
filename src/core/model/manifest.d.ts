import type { ModelManifest } from "../../shared/index.ts";
/** Key of the manifest in the file's `metadata_props`. */
export declare const MANIFEST_KEY = "lookalike";
export declare function encodeManifest(manifest: ModelManifest): Record<string, string>;
/**
 * Reads the manifest of a model file.
 * @param file its name, for messages
 * @throws ModelError where the file is no ONNX file, has no manifest of ours, or one that cannot be understood
 */
export declare function readManifest(bytes: Uint8Array, file: string): ModelManifest;
/** SHA-256 of a model file, hex: two files with the same fingerprint give the same embeddings. */
export declare function fingerprint(bytes: Uint8Array): string;
