export { type ImportOptions, type ImportReport, importModel, inspectModel } from "./importModel.ts";
export type { FeatureMapInfo, Inspection, VectorInfo } from "./inspect.ts";
export {
  customPreprocessing,
  PREPROCESSING_NAMES,
  type Preprocessing,
  type PreprocessingName,
  preprocessing,
  type Triple,
} from "./preprocessing.ts";
export { TrialEnded, TrialProcess } from "./trialProcess.ts";
