import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { FormChoice } from "../../shared/index.ts";
import { formFor, openPlace } from "../index/index.ts";
import { formsOf } from "../model/index.ts";
import type { EmbedderPool } from "../runtime/index.ts";

/**
 * The file of the form in which a model is used: by a folder, else by a new one. A place that cannot be opened says nothing; its
 * problem is told where its index is looked at.
 * @throws ModelError where `modelFile` is no model of ours
 */
export async function formInUse(
  modelFile: string,
  choice: FormChoice,
  pool: EmbedderPool,
  folder: string | undefined,
  location: string | undefined,
): Promise<string> {
  const { float, int8 } = await formsOf(modelFile);
  if (int8 === null || choice === "float") return float.file;
  if (choice === "int8") return int8.file;
  const place =
    folder === undefined || !existsSync(folder) ? null : await openPlace(resolve(folder), location).catch(() => null);
  if (place === null) return (await pool.runsOnCpu(modelFile)) ? int8.file : float.file;
  try {
    return (await formFor(place, modelFile, choice, pool)).file;
  } finally {
    await place.close();
  }
}
