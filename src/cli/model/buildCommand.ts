import { ATTENTION_KINDS, printable } from "../../shared/index.ts";
import { infoCommand } from "./infoCommand.ts";

interface BuildOptions {
  readonly backbone: string;
  readonly descriptors: string;
  readonly out: string;
  readonly name?: string;
  readonly p?: number;
  readonly pPerChannel?: boolean;
  readonly attention?: string;
  readonly lastDownsampling?: "kept" | "removed";
  readonly weights?: string;
  readonly taps?: readonly string[];
  readonly inputSize?: number;
  readonly precision?: "float16" | "float32";
  readonly json?: boolean;
}

/** `lookalike model build`: writes the file whole or not at all, then tells what is in it. */
export async function buildCommand(options: BuildOptions): Promise<void> {
  const { buildUntrainedModel, compactModel, writeModelFile } = await import("../../core/model/index.ts");
  const { out, json, attention, precision = "float16", ...parts } = options;
  const kind = ATTENTION_KINDS.find((known) => known.toLowerCase() === attention);
  const model = buildUntrainedModel({
    ...parts,
    ...(kind === undefined ? {} : { attention: kind }),
    onNote: (text) => console.error(printable(text)),
  });
  await writeModelFile(out, precision === "float32" ? model : compactModel(model, out));
  await infoCommand(out, { json });
}
