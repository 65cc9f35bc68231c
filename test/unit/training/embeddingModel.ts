import { buildModel } from "../../../src/core/model/index.ts";

/** A model that only has branches of given lengths: enough for a head to be trained behind it. */
export function embeddingModel(dims: readonly number[]): Uint8Array {
  const taps = dims.map((channels, i) => ({ name: `map_${i}`, channels, height: 4, width: 4 }));
  return buildModel({
    name: "embeddings",
    backbone: {
      backbone: { name: "none", lastDownsampling: "kept", taps },
      weights: { source: "none", version: "1", licence: "none" },
      inputSize: 4,
      addTo: (_, pixels) => dims.map(() => pixels),
    },
    branches: dims.map((_, tap) => ({ kind: "SPoC", tap })),
  });
}
