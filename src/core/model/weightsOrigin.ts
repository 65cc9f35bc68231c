import { basename } from "node:path";
import * as v from "valibot";
import type { WeightsOrigin } from "../../shared/index.ts";
import { readRegularFileSync } from "../files/index.ts";
import { LONGEST_TEXT } from "./manifest.ts";

/** They go into the manifest of a model. */
const text = v.pipe(v.string(), v.maxLength(LONGEST_TEXT));
const OriginSchema = v.object({ sha256: text, source: text, version: text, licence: text });

/** Bytes of a record; more are none. */
const MOST = 1 << 16;

/** Beside a weights file: where it was downloaded from, and its licence. */
export function originFile(weightsFile: string): string {
  return `${weightsFile}.origin.json`;
}

/** The text for `originFile`. @param sha256 of the weights file, hex: the text is not believed beside another file */
export function encodeWeightsOrigin(origin: WeightsOrigin, sha256: string): string {
  return `${JSON.stringify({ sha256, ...origin }, null, 2)}\n`;
}

/** Where a weights file comes from; of a file without (valid) record, its name and hash, and an unknown licence. */
export function readWeightsOrigin(weightsFile: string, sha256: string): WeightsOrigin {
  const unknown = { source: basename(weightsFile), version: `sha256 ${sha256}`, licence: "unknown" };
  let json: unknown;
  try {
    json = JSON.parse(readRegularFileSync(originFile(weightsFile), MOST).toString("utf8"));
  } catch {
    return unknown;
  }
  const parsed = v.safeParse(OriginSchema, json);
  if (!parsed.success || parsed.output.sha256 !== sha256) return unknown;
  const { source, version, licence } = parsed.output;
  return { source, version, licence };
}
