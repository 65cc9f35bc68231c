/** The face of the library for the engine and the command line. */
export { ImageError } from "./images/index.ts";
export { FolderIndex, StoreError } from "./index/index.ts";
export { ModelError } from "./model/index.ts";
export {
  layoutFormat,
  moved,
  neighboursOf,
  type ProjectFolderOptions,
  type Projection,
  ProjectionError,
  type ProjectionProgress,
  projectFolder,
  writeLayout,
} from "./projection/index.ts";
export { type Embedder, openEmbedder } from "./runtime/index.ts";
