export { type ElementType, GraphBuilder, type Shape } from "./graphBuilder.ts";
export { readMetadata } from "./metadata.ts";
