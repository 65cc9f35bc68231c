/** The face of the library for the engine and the command line. */
export { ImageError } from "./images/index.ts";
export { FolderIndex, StoreError } from "./index/index.ts";
export { ModelError, parseDescriptors } from "./model/index.ts";
export { installFromHub, ModelShelf } from "./models/index.ts";
export { EmbedderPool } from "./runtime/index.ts";
