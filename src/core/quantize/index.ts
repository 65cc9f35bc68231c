export { withByteWeights } from "./byteWeights.ts";
export { buildDefaultInt8, buildSecondInt8 } from "./defaultInt8.ts";
export { type QuantizeOptions, type QuantizeSummary, quantizeModel } from "./quantizeModel.ts";
export { hasInt8DotProduct } from "./vnni.ts";
