import { isDeviceName, nameBytes, sameFileName } from "./fileNames.ts";

/** Names of installed models: file names on every system, and not the word for the built-in one. */
export const MODEL_NAME = /^(?!default$)[\p{L}\p{N}][\p{L}\p{M}\p{N} ._+-]{0,99}$/u;
/** Bytes: behind the name stand its ending and that of a file that is being written. */
const LONGEST = 200;

/** Why a text cannot be the name of a new model. */
export type ModelNameFault = "signs" | "long" | "end" | "device" | { readonly taken: string };

/**
 * What is wrong with the name of a new model. Models are copied between machines, so it has to be a file name on each.
 * @param name in composed letters (NFC)
 * @param taken names of other models, which may differ in their capitals alone
 */
export function modelNameFault(name: string, taken: readonly string[]): ModelNameFault | undefined {
  const same = taken.find((other) => sameFileName(other, name));
  if (same !== undefined) return { taken: same };
  if (!MODEL_NAME.test(name)) return "signs";
  if (nameBytes(name) > LONGEST) return "long";
  if (/[ .]$/.test(name)) return "end";
  return isDeviceName(name) ? "device" : undefined;
}
