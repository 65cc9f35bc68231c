export { type Embedder, openEmbedder } from "./embedder.ts";
export { EmbedderPool } from "./pool.ts";
