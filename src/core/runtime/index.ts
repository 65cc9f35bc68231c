export { type Embedder, type EmbedderOptions, openEmbedder } from "./embedder.ts";
export { deviceFolder } from "./settleDevice.ts";
