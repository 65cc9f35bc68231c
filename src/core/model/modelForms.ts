import { existsSync } from "node:fs";
import { int8FileOf } from "../../shared/index.ts";
import { ModelError } from "./errors.ts";
import { type ModelFile, readModelFile } from "./modelFile.ts";

/** A form of a model: as it is, or in int8. */
export interface ModelForm extends ModelFile {
  readonly file: string;
}

export interface ModelForms {
  readonly float: ModelForm;
  /** Null where there is none that was made of this very model. */
  readonly int8: ModelForm | null;
}

/** The forms of a model; the int8 one lies beside it. @throws ModelError where the model itself cannot be read */
export async function formsOf(modelFile: string): Promise<ModelForms> {
  const float = { file: modelFile, ...(await readModelFile(modelFile)) };
  const file = int8FileOf(modelFile);
  if (!existsSync(file)) return { float, int8: null };
  const int8 = await readModelFile(file).catch((error: unknown) => {
    if (error instanceof ModelError) return null;
    throw error;
  });
  return { float, int8: int8?.manifest.quantization?.source === float.fingerprint ? { file, ...int8 } : null };
}
