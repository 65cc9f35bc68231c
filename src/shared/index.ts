export * from "./descriptors.ts";
export * from "./files.ts";
export * from "./model.ts";
export * from "./projection.ts";
export * from "./protocol/engine.ts";
export * from "./protocol/page.ts";
export * from "./protocol/rpc.ts";
export * from "./results.ts";
