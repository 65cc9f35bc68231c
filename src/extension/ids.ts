/** Names that the manifest and the code share; a test holds package.json to them. */
export const COMMANDS = {
  findSimilar: "lookalike.findSimilar",
  findSimilarPick: "lookalike.findSimilarPick",
  findSimilarAcross: "lookalike.findSimilarAcross",
  openQuery: "lookalike.openQuery",
  searchWords: "lookalike.searchWords",
  findDuplicates: "lookalike.findDuplicates",
  takeBackCopies: "lookalike.takeBackCopies",
  findSuspiciousLabels: "lookalike.findSuspiciousLabels",
  evaluateRetrieval: "lookalike.evaluateRetrieval",
  indexFolder: "lookalike.indexFolder",
  rebuildIndex: "lookalike.rebuildIndex",
  cancelIndexing: "lookalike.cancelIndexing",
  checkSetup: "lookalike.checkSetup",
  showLog: "lookalike.showLog",
  selectModel: "lookalike.selectModel",
  adaptModel: "lookalike.adaptModel",
  importModel: "lookalike.importModel",
  downloadModel: "lookalike.downloadModel",
  compareModels: "lookalike.compareModels",
  inspectProjections: "lookalike.inspectProjections",
  selectionFindSimilar: "lookalike.selection.findSimilar",
  selectionOpen: "lookalike.selection.open",
  selectionReveal: "lookalike.selection.reveal",
  selectionCopyPaths: "lookalike.selection.copyPaths",
  selectionExport: "lookalike.selection.export",
  selectionLabel: "lookalike.selection.label",
  indexUpdate: "lookalike.index.update",
  indexPause: "lookalike.index.pause",
  indexResume: "lookalike.index.resume",
  indexRebuild: "lookalike.index.rebuild",
  indexDelete: "lookalike.index.delete",
  indexDeleteKept: "lookalike.index.deleteKept",
  indexOpenLocation: "lookalike.index.openLocation",
  setDatabasePassword: "lookalike.setDatabasePassword",
  trainModel: "lookalike.trainModel",
  runAblation: "lookalike.runAblation",
  setUpTorch: "lookalike.setUpTorch",
  importWeights: "lookalike.importWeights",
  resultFindSimilar: "lookalike.result.findSimilar",
  resultAddExample: "lookalike.result.addExample",
  resultAddCounterExample: "lookalike.result.addCounterExample",
  resultOpen: "lookalike.result.open",
  resultReveal: "lookalike.result.reveal",
  resultCopyPath: "lookalike.result.copyPath",
  resultCopyRelativePath: "lookalike.result.copyRelativePath",
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

export const SETTINGS = {
  section: "lookalike",
  device: "device",
  modelAdapt: "model.adapt",
  modelForm: "model.form",
  modelSecond: "model.secondNetwork",
  modelHandcrafted: "model.handcrafted",
  indexLocation: "index.location",
  indexInclude: "index.include",
  indexExclude: "index.exclude",
  indexGitignore: "index.gitignore",
  indexShadows: "index.shadowFiles",
  indexReadInPart: "index.readInPart",
  indexWatch: "index.watch",
  indexRefresh: "index.refresh",
  indexShareThumbnails: "index.shareThumbnails",
  indexThumbnails: "index.thumbnails",
  decodeSeconds: "decode.seconds",
  searchMemory: "search.memory",
  similarCount: "similar.count",
  exportGuard: "export.guardFormulas",
  trainingOutlives: "training.outliveWindow",
  trainingPython: "training.python",
} as const;

/** View type of the similar panel; the page's context menu and the restoring of the panel depend on it. */
export const SIMILAR_VIEW = "lookalike.similar";

/** View type of the projections panel; the context menu of its selection and the restoring of the panel depend on it. */
export const PROJECTIONS_VIEW = "lookalike.projections";

/** The tree of the indexes. */
export const INDEX_VIEW = "lookalike.indexes";

/** View type of the training panel; the restoring of the panel depends on it. */
export const TRAINING_VIEW = "lookalike.training";
/** View type of the panel with duplicates or suspicious labels. */
export const REVIEW_VIEW = "lookalike.review";

/** View type of the panel with a report on retrieval. */
export const EVALUATION_VIEW = "lookalike.evaluation";

/** The view that follows the active image. */
export const FOLLOW_VIEW = "lookalike.follow";

/** Context key: some folder is being indexed. */
export const INDEXING_CONTEXT = "lookalike.indexing";

/** View type of the editor of images that VS Code itself does not show. */
export const PICTURE_VIEW = "lookalike.picture";
