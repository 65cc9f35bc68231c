import type * as Core from "../core/index.ts";

/** What a command works with, opened only when it runs: `--help` needs no native module. */
export interface Tools {
  readonly core: typeof Core;
  readonly embedder: Core.Embedder;
}

/** @param modelFile the model to embed with */
export async function loadTools(modelFile: string): Promise<Tools> {
  const core = await import("../core/index.ts");
  return { core, embedder: await core.openEmbedder(modelFile) };
}
