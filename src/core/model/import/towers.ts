import { readConfigs } from "../configs/index.ts";
import { ModelError } from "../errors.ts";
import type { TextTowerBytes, TowerOptions } from "../text/index.ts";
import { readWeightsOrigin } from "../weightsOrigin.ts";
import type { OwnVector } from "./branches.ts";
import type { ForeignModel } from "./readFile.ts";

/** Projected into a space of both, as CLIP has it. */
const PROJECTED = /^(image|text)_(embed|feature)/i;

/**
 * Refuses two towers of different models: their embeddings have no space in common, and the scores would be chance.
 * @param vector of the tower for images
 * @throws ModelError where their widths, outputs or origins differ
 */
export function checkTowers(
  { file, hash }: ForeignModel,
  vector: OwnVector,
  { manifest, output }: TextTowerBytes,
  { text }: { readonly text?: TowerOptions | undefined },
): void {
  const tower = text?.file ?? "";
  const which = "Two towers belong together only where they were trained together.";
  if (manifest.dim !== vector.dim) {
    throw new ModelError(
      `${tower} gives ${manifest.dim} values for a text, and ${file} ${vector.dim} for a picture. ${which} ` +
        "Name the text tower of the same model; of CLIP, both with their projection.",
    );
  }
  const pictures = originOf(readWeightsOrigin(file, hash).source);
  const words = originOf(manifest.source.source);
  if (pictures !== undefined && words !== undefined && pictures !== words) {
    throw new ModelError(`${tower} comes from ${words}, and ${file} from ${pictures}. ${which}`);
  }
  const [one, other] = [readConfigs(file).type, readConfigs(tower).type];
  if (one !== undefined && other !== undefined && one !== other) {
    throw new ModelError(`${tower} is of the kind ${other}, and ${file} of the kind ${one}. ${which}`);
  }
  const image = "tensor" in vector ? vector.tensor : "";
  if (text?.output === undefined && PROJECTED.test(image) !== PROJECTED.test(output) && /pooler/.test(image + output)) {
    throw new ModelError(
      `"${image}" of ${file} and "${output}" of ${tower} are not of one space: one is projected into it, the other is not. ` +
        "Export both with their projection, or name the text's output with --text-output where you know better.",
    );
  }
}

/** The repository of a downloaded file. */
function originOf(source: string): string | undefined {
  return /^hub ([^,]+),/.exec(source)?.[1];
}
