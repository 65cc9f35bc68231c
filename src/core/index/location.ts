import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { cutName } from "../../shared/index.ts";
import { dataFolder } from "../files/index.ts";

/** Where indexes lie unless the user says otherwise: the user's data folder, the same for every front end. */
export function defaultLocation(): string {
  return join(dataFolder(), "indexes");
}

/**
 * The file of one index: a folder per indexed folder, named by its base name and a hash of its real path, and a file
 * per model, so that vectors of two models never mix and going back to a model costs nothing.
 * @param location folder that holds the indexes
 * @param folder the indexed folder; must exist
 * @param fingerprint of the model, hex
 */
export function indexFile(location: string, folder: string, fingerprint: string): string {
  const real = realpathSync(folder);
  const key = createHash("sha256").update(real).digest("hex").slice(0, 16);
  // The base name is for people who look at the folder; what some file system forbids is left out.
  const name = basename(real).replace(/[^\p{L}\p{N}._-]+/gu, "_");
  return join(location, `${cutName(name, key.length + 1)}-${key}`, `${fingerprint.slice(0, 16)}.sqlite`);
}

/**
 * Where the form of a model lies that is adapted to a folder: beside the folder's indexes.
 * @param index `indexFile` of the model as it is
 */
export function adaptedModelFile(index: string): string {
  return join(dirname(index), `adapted-${basename(index, ".sqlite")}.onnx`);
}

/** Path of a file relative to a folder, with `/`; null where it lies outside. Both absolute; links are not followed. */
export function pathInside(folder: string, file: string): string | null {
  const path = relative(folder, file);
  if (path === "" || path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path)) return null;
  return path.split(sep).join("/");
}
