export {
  customPreprocessing,
  PREPROCESSING_NAMES,
  type Preprocessing,
  type PreprocessingName,
  preprocessing,
  type Triple,
} from "../configs/figures.ts";
export { importAside } from "./importAside.ts";
export { type ImportOptions, type ImportReport, importModel, inspectModel } from "./importModel.ts";
export type { Inspection } from "./inspect.ts";
export { Proofs } from "./proofs.ts";
export { proveModel } from "./prove.ts";
export { TrialEnded, TrialProcess } from "./trialProcess.ts";
export type { FeatureMapInfo, VectorInfo } from "./values.ts";
