import { promises as fs } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { readRegularFile } from "../../files/index.ts";
import { ModelError } from "../errors.ts";
import { fingerprint } from "../manifest.ts";
import { inlineExternalData } from "./externalData.ts";
import { MOST_NODES, sizeOf } from "./graph.ts";
import { inlineFunctions } from "./inlineFunctions.ts";
import { liftOldOpset } from "./opset.ts";

/** What protobuf can hold in one message, bytes. */
const MAX_FILE_SIZE = 2 ** 31 - 1;

export interface ForeignModel {
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly hash: string;
  readonly model: ModelProto & { graph: GraphProto };
  /** Of the default operator set. */
  readonly opset: number;
}

/**
 * Reads a foreign ONNX file, with the weights that lie beside it.
 * @throws ModelError where the file cannot be read, is no ONNX file, is too large, or its weights are missing
 */
export async function readForeignModel(file: string): Promise<ForeignModel> {
  const bytes = await readBytes(file);
  const model = parse(bytes, file);
  if (sizeOf(model.graph) > MOST_NODES) {
    throw new ModelError(
      `${file} has more than ${MOST_NODES} operators or weights, more than any network that can be taken.`,
    );
  }
  await inlineExternalData(model, file);
  const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (opset === undefined) {
    throw new ModelError(`${file} does not say which ONNX operator set it uses. Export the model again.`);
  }
  if (opset.version < 7n) {
    throw new ModelError(
      `${file} uses ONNX opset ${opset.version}, from before 2018; 7 is the oldest that can be imported. ` +
        "Export the model again with opset 17.",
    );
  }
  liftOldOpset(model);
  inlineFunctions(model, file);
  return { file, hash: fingerprint(bytes), model, opset: Number(opset.version) };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await fs.stat(file);
    if (size > MAX_FILE_SIZE) {
      throw new ModelError(
        `${file} has ${(size / 2 ** 30).toFixed(1)} GB. A model can have 2 GB at most (the limit of the ONNX file ` +
          "format): export a smaller network, or this one in float16.",
      );
    }
    return await readRegularFile(file);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EISDIR"
          ? "is a folder; name the .onnx file in it"
          : code === "EACCES" || code === "EPERM"
            ? "may not be read; check its permissions"
            : `cannot be read (${String(code ?? error)})`;
    throw new ModelError(`${file} ${reason}.`, { cause: error });
  }
}

function parse(bytes: Uint8Array, file: string): ForeignModel["model"] {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new ModelError(`${file} is not an ONNX file, or it is damaged. Export or copy it again.`, { cause });
  }
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0) {
    throw new ModelError(
      `${file} holds no network: it is not an ONNX file, or it is damaged. Export or copy it again.`,
    );
  }
  return Object.assign(model, { graph });
}
