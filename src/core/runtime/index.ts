export { type Embedder, openEmbedder } from "./embedder.ts";
