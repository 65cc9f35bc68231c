export { buildDefaultInt8 } from "./defaultInt8.ts";
export { type QuantizeOptions, type QuantizeSummary, quantizeModel } from "./quantizeModel.ts";
export { hasInt8DotProduct } from "./vnni.ts";
