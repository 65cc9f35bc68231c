import { promises as fs } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { InferenceSession } from "onnxruntime-node";
import { makeScratch } from "../files/index.ts";
import { ModelError } from "../model/index.ts";

/** Scales per channel came with opset 13. */
const MIN_OPSET = 13n;

/**
 * Brings a model into a plain form with onnxruntime's own basic rewriting: constants are folded (float16 weights become
 * float32), batch norm goes into its convolution, nodes without effect vanish. What remains are standard operators.
 * @param file its name, for messages
 * @throws ModelError where the file cannot be loaded, or is of a form that cannot be quantised
 */
export async function prepareModel(bytes: Uint8Array, file: string): Promise<ModelProto & { graph: GraphProto }> {
  const folder = await makeScratch();
  try {
    const prepared = join(folder, "prepared.onnx");
    const session = await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "basic",
      optimizedModelFilePath: prepared,
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ModelError(`${file} cannot be loaded: ${reason}. Build or copy it again.`, { cause });
    });
    await session.release();
    const model = fromBinary(ModelProtoSchema, await fs.readFile(prepared));
    const { graph } = model;
    if (graph === undefined) throw new ModelError(`${file} has no graph. Build or copy it again.`);
    if (graph.node.some(({ opType }) => opType === "QuantizeLinear" || opType === "DequantizeLinear")) {
      throw new ModelError(`${file} is quantised already. Start from the float model that it was made from.`);
    }
    const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0n;
    if (opset < MIN_OPSET) {
      throw new ModelError(`${file} has opset ${opset}; int8 needs ${MIN_OPSET}. Export it again with a newer opset.`);
    }
    // onnxruntime lists every domain that it knows.
    const used = new Set(graph.node.map(({ domain }) => domain));
    model.opsetImport = model.opsetImport.filter(({ domain }) => domain === "" || used.has(domain));
    return { ...model, graph };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
