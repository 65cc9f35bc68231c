import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";

/** Passes the pixels through as the feature map: `[N, 3, 4, 4]`, values 0..255. The smallest backbone there is. */
export const PIXELS: BackboneSource = {
  backbone: {
    name: "pixels",
    lastDownsampling: "kept",
    taps: [{ name: "pixels", channels: 3, height: 4, width: 4 }],
  },
  weights: { source: "none", version: "1", licence: "none" },
  inputSize: 4,
  addTo: (graph, pixels) => [graph.op("Identity", [pixels])],
};
