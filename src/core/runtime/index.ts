export { type Embedder, type EmbedderOptions, openEmbedder } from "./embedder.ts";
export { failureReason } from "./failureReason.ts";
export { openSession } from "./modelSession.ts";
export { EmbedderPool } from "./pool.ts";
export { sessionOptions } from "./sessionOptions.ts";
export { deviceFolder } from "./settleDevice.ts";
export type { TextTower } from "./textTower.ts";
export { TrialEmbedder } from "./trialEmbedder.ts";
