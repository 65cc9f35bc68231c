/** The face of the library for the engine and the command line. */

export { CopyFinder, findDuplicates, putAway, reviewLabels, TooFewLabelsError, takeBack } from "./curation/index.ts";
export { drawExplanation } from "./explain/index.ts";
export { ExportError, type ExportSummary, exportFormat, exportVectors } from "./export/index.ts";
export { FileError, proveWritable, writeFileAtomically } from "./files/index.ts";
export { FolderIndex, type ProjectFolderOptions, projectFolder } from "./folder/index.ts";
export { ImageError, limitDecoding, makeThumbnail } from "./images/index.ts";
export {
  type CopySummary,
  indexDetails,
  removeIndex,
  type Shard,
  StoreError,
  type StoreHealth,
  setDatabasePassword,
  VanishedError,
} from "./index/index.ts";
export {
  customPreprocessing,
  type FeatureMapInfo,
  type ImportOptions,
  type ImportReport,
  type Inspection,
  importAside,
  importModel,
  inspectModel,
  PREPROCESSING_NAMES,
  type Preprocessing,
  type PreprocessingName,
  preprocessing,
  type Triple,
  type VectorInfo,
} from "./model/import/index.ts";
export { formsOf, ModelError, NothingToTakeError, parseDescriptors, SeenImages } from "./model/index.ts";
export { installFromHub, installImported, ModelShelf } from "./models/index.ts";
export { labelAgreement, moved, neighboursOf } from "./neighbours/index.ts";
export { endWithParent } from "./processes/index.ts";
export {
  layoutFormat,
  type Projection,
  ProjectionError,
  type ProjectionProgress,
  writeLayout,
} from "./projection/index.ts";
export { hasInt8DotProduct, type QuantizeSummary, quantizeModel } from "./quantize/index.ts";
export {
  ablationMarkdown,
  ablationRun,
  EvaluationError,
  evaluateFolder,
  evaluationHtml,
  planAblation,
  runAblation,
  writeTables,
} from "./reports/index.ts";
export { deviceFolder, type Embedder, EmbedderPool, openEmbedder } from "./runtime/index.ts";
export type { EmbeddingSource } from "./search/index.ts";
export { comparedSource, NoTextTowerError, QueryError } from "./search/index.ts";
export {
  categories,
  findTables,
  type Labels,
  labelsOf,
  oneLabel,
  readImageColumn,
  readImageLabels,
  summariseTables,
  TableError,
  writeLabelFile,
} from "./tables/index.ts";
export {
  CannotTrainError,
  hasNotBegun,
  PreparedElsewhere,
  readRunInfo,
  readTrainingData,
  runTraining,
  StoppedEarly,
  searchTorch,
  TrainingControl,
  TrainingError,
} from "./training/index.ts";
