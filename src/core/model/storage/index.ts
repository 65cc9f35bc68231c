import { toFloat16 } from "./float16.ts";
import { toPalette } from "./palette.ts";

export { toFloat32 } from "./float32.ts";
export { replaceConstants, storedNode, storedTensor } from "./replaceConstants.ts";
export { toFloat16, toPalette };

/**
 * The form in which models are kept: bytes for constants of at most 256 different values, which is exact, and float16
 * for the other large ones.
 * @param file its name, for messages
 * @throws ModelError where the file is no model of ours
 */
export function compactModel(bytes: Uint8Array, file: string): Uint8Array {
  return toFloat16(toPalette(bytes, file), file);
}
