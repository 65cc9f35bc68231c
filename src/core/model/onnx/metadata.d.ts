/**
 * The metadata of an ONNX file.
 * @throws where the bytes are no ONNX file
 */
export declare function readMetadata(bytes: Uint8Array): Map<string, string>;
