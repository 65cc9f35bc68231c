/** The face of the library for the engine and the command line. */
export { ImageError } from "./images/index.ts";
export { FolderIndex, StoreError } from "./index/index.ts";
export { ModelError } from "./model/index.ts";
export { ModelShelf } from "./models/index.ts";
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
export { EmbedderPool } from "./runtime/index.ts";
