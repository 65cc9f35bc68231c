import "./telemetry.ts";

export { type ElementType, GraphBuilder, type Shape } from "./graphBuilder.ts";
export { type ConstantTensor, GraphView } from "./graphView.ts";
export { readMetadata } from "./metadata.ts";
