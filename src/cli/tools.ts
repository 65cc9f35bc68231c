import type * as Core from "../core/index.ts";
import { type DeviceChoice, isFallback } from "../shared/index.ts";

/** What a command works with, opened only when it runs: `--help` needs no native module. */
export interface Tools {
  readonly core: typeof Core;
  readonly embedder: Core.Embedder;
}

/**
 * @param modelFile the model to embed with
 * @param device where it runs; `auto` where absent
 */
export async function loadTools(modelFile: string, device: DeviceChoice = "auto"): Promise<Tools> {
  const core = await import("../core/index.ts");
  const embedder = await core.openEmbedder(modelFile, { device, cacheFolder: core.deviceFolder() });
  const report = embedder.deviceReport;
  if (isFallback(report)) {
    console.error(`The device ${report.asked} cannot be used (${report.reason}); ${report.used} is used instead.`);
  }
  return { core, embedder };
}
