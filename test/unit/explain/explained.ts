/** What an explanation is held to. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Explainer } from "../../../src/core/explain/index.ts";
import { type Embedder, openEmbedder } from "../../../src/core/runtime/index.ts";
import type { ExplainResult } from "../../../src/shared/index.ts";

export interface Explained {
  readonly result: ExplainResult;
  /** Cosines of the branches as the search has them. */
  readonly cosines: readonly number[];
}

/** Explains two images, given as pixels of the model's size. */
export async function explainIn(
  root: string,
  bytes: Uint8Array,
  inputs: (embedder: Embedder) => Promise<readonly [Uint8Array, Uint8Array]>,
): Promise<Explained> {
  const file = join(root, `${Math.random()}.onnx`);
  writeFileSync(file, bytes);
  const embedder = await openEmbedder(file, { device: "cpu" });
  const explainer = await Explainer.open(embedder);
  try {
    const [query, other] = await inputs(embedder);
    const [a, b] = [await embedder.embed(query, 1), await embedder.embed(other, 1)];
    let from = 0;
    const cosines = embedder.manifest.descriptors.map(({ dim }) => {
      let dot = 0;
      for (let i = from; i < from + dim; i++) dot += a[i]! * b[i]!;
      from += dim;
      return dot;
    });
    return { result: await explainer.explain(query, other), cosines };
  } finally {
    await explainer.release();
    await embedder.release();
  }
}
