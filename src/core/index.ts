/** The face of the library for the engine and the command line. */
export { ImageError } from "./images/index.ts";
export { FolderIndex, StoreError } from "./index/index.ts";
export {
  customPreprocessing,
  type FeatureMapInfo,
  type ImportOptions,
  type ImportReport,
  type Inspection,
  importModel,
  inspectModel,
  PREPROCESSING_NAMES,
  type Preprocessing,
  type PreprocessingName,
  preprocessing,
  type Triple,
  type VectorInfo,
} from "./model/import/index.ts";
export { branchesFromLetters, ModelError } from "./model/index.ts";
export { type Embedder, openEmbedder } from "./runtime/index.ts";
