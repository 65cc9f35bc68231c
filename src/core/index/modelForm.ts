import { existsSync } from "node:fs";
import type { FormChoice } from "../../shared/index.ts";
import { formsOf, type ModelForm, type ModelForms } from "../model/index.ts";
import type { EmbedderPool } from "../runtime/index.ts";
import { adaptedModelFile } from "./location.ts";
import type { IndexPlace } from "./place.ts";

/**
 * The form in which a folder uses a model. A folder stays with the form that it was indexed in, since vectors of two forms do not
 * compare; a new one takes int8 where the model runs on the CPU, which is quick at it.
 * @param pool tells where the model would run; where absent, the folder's own traces alone decide, and else int8
 * @throws ModelError where `modelFile` is no model of ours
 */
export async function formFor(
  place: IndexPlace,
  modelFile: string,
  choice: FormChoice,
  pool?: Pick<EmbedderPool, "runsOnCpu">,
): Promise<ModelForm> {
  const { float, int8 } = await formsOf(modelFile);
  if (int8 === null || choice === "float") return float;
  if (choice === "int8") return int8;
  const used = await usedForm(place, modelFile, { float, int8 });
  if (used !== null) return used;
  return pool === undefined || (await pool.runsOnCpu(modelFile)) ? int8 : float;
}

/** The form that a place has an index of, float before int8; null where it has none. */
export async function usedForm(place: IndexPlace, modelFile: string, forms?: ModelForms): Promise<ModelForm | null> {
  const { float, int8 } = forms ?? (await formsOf(modelFile));
  for (const form of [float, int8]) if (form !== null && (await isUsed(place, form.fingerprint))) return form;
  return null;
}

async function isUsed(place: IndexPlace, fingerprint: string): Promise<boolean> {
  if (
    place.models === null
      ? existsSync(adaptedModelFile(place.file(fingerprint)))
      : (await place.models.current(fingerprint)) !== null
  )
    return true;
  // Opening makes an empty file.
  if (place.kind === "sqlite" && !existsSync(place.file(fingerprint))) return false;
  return ((await place.kept(fingerprint)).current?.rows ?? 0) > 0;
}
