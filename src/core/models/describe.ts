import { promises as fs } from "node:fs";
import { basename } from "node:path";
import type { InstalledModel, ModelNameFault } from "../../shared/index.ts";
import { readRegularFile } from "../files/index.ts";
import { DEFAULT_MODEL_NAME, fingerprint, ModelError, readManifest } from "../model/index.ts";
import { readScores } from "./scores.ts";

/** Why a model cannot have a name, in words. */
export function nameError(name: string, fault: ModelNameFault): ModelError {
  if (typeof fault === "object") {
    return new ModelError(
      `A model named "${fault.taken}" is installed already. Give another name, or delete that one.`,
    );
  }
  const why = {
    signs: "Use letters, digits, space and . _ + - only.",
    long: "It is too long for the name of a file. Give a shorter one.",
    end: "Some systems drop a point or a space at the end. Give another name.",
    device: "Windows takes it for a device. Give another name.",
  };
  return new ModelError(`"${name}" cannot be the name of a model. ${why[fault]}`);
}

/**
 * A model as it is listed; one that cannot be read has a problem.
 * @param scored where its scores lie
 */
export async function describe(
  file: string,
  builtIn: boolean,
  selected: string,
  scored: string,
): Promise<InstalledModel> {
  const common = {
    name: builtIn ? DEFAULT_MODEL_NAME : basename(file, ".onnx"),
    file,
    builtIn,
    selected: file === selected,
  };
  try {
    const bytes = await readRegularFile(file);
    const manifest = readManifest(bytes, file);
    const own = fingerprint(bytes);
    const scores = await readScores(scored, own);
    return { ...common, bytes: bytes.length, fingerprint: own, manifest, problem: null, scores };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...common, bytes: 0, fingerprint: null, manifest: null, problem, scores: [] };
  }
}

export async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
