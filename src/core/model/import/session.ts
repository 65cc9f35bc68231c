import { toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { ModelError } from "../errors.ts";

/** Only what the caller is told counts: the runtime's own log lines would go to stderr. */
const QUIET = { logSeverityLevel: 4 } as const;

/**
 * Loads a model on the CPU, hands it to `use`, and frees it.
 * @throws ModelError where the runtime refuses to load or to run it
 */
export async function withSession<T>(
  model: ModelProto | Uint8Array,
  file: string,
  use: (session: InferenceSession) => Promise<T>,
): Promise<T> {
  let session: InferenceSession | undefined;
  try {
    const bytes = model instanceof Uint8Array ? model : toBinary(ModelProtoSchema, model);
    session = await InferenceSession.create(bytes, {
      ...QUIET,
      executionProviders: ["cpu"],
      // A network that runs a few times needs no tuning; and folding constants would allocate what they ask for.
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: 1,
    });
    return await use(session);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(runtimeSentence(file, error), { cause: error });
  } finally {
    await session?.release();
  }
}

export async function run(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  fetches: readonly string[],
): Promise<InferenceSession.ReturnType> {
  return session.run(feeds, fetches, QUIET);
}

/** What onnxruntime refuses, in words that say what to do. */
function runtimeSentence(file: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const opset = /Opset (\d+) is .* support for domain (\S+) is till opset (\d+)/s.exec(message);
  if (opset !== null) {
    const [, asked, domain, newest] = opset;
    return `${file} uses opset ${asked} of ${domain}; this Lookalike runs up to ${newest}. Export the model again with opset 17.`;
  }
  const ir = /Unsupported model IR version: (\d+), max supported IR version: (\d+)/.exec(message);
  if (ir !== null) {
    return `${file} is written in version ${ir[1]} of the ONNX format; this Lookalike reads up to ${ir[2]}. Export the model again with opset 17.`;
  }
  const op =
    /No Op registered for (\S+)/.exec(message) ??
    /error: (\S+?)\(-?\d+\) is not a registered function\/op/.exec(message) ??
    /Could not find an implementation for (\S+?)\(/.exec(message);
  if (op !== null) {
    return `${file} uses the operator ${op[1]}, which onnxruntime does not have. Export the model with standard ONNX operators.`;
  }
  const reason = message
    .replace(/^\S+\.(cc|h):\d+ /, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
  return `The network in ${file} cannot be run: ${reason} Export it again, and check it with onnx.checker.`;
}
