import { promises as fs } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeScratch } from "../../files/index.ts";
import { ModelError } from "../errors.ts";
import { TrialEnded, type TrialOutput, TrialProcess, type TrialTensor } from "./trialProcess.ts";

/** A network that is loaded on the CPU of the trial process. */
export interface TrialSession {
  readonly outputs: readonly OutputInfo[];
  run(feeds: Feeds, fetches: readonly string[]): Promise<Readonly<Record<string, TrialOutput>>>;
  /** Runs as well, but brings back no values. */
  shapes(feeds: Feeds, fetches: readonly string[]): Promise<Readonly<Record<string, TrialOutput>>>;
}

export type Feeds = Readonly<Record<string, TrialTensor>>;

/** What the runtime knows of an output without running; no `shape` where it is no tensor. */
export interface OutputInfo {
  readonly name: string;
  readonly type?: string;
  /** Empty where the rank is not known; a name stands for a size that is not. */
  readonly shape?: readonly (number | string)[];
}

/** Bytes that a process may take which tries a model, however small its file; and for each byte of the file. */
const LEAST_MEMORY = 2 * 2 ** 30;
const MEMORY_PER_BYTE = 4;

const trial = new TrialProcess();
let last: Promise<unknown> = Promise.resolve();

export interface TrialOptions {
  /** Name of the foreign file, for messages. */
  readonly file: string;
  /** As an embedder loads it; otherwise all values survive, and no constant is computed before it is needed. */
  readonly optimise: boolean;
}

/**
 * Loads a model in the trial process and hands it to `use`; one model at a time.
 * @param bytes an ONNX file
 * @throws ModelError where the runtime refuses to load or to run it, or ends while doing so
 */
export function withSession<T>(
  bytes: Uint8Array,
  options: TrialOptions,
  use: (session: TrialSession) => Promise<T>,
): Promise<T> {
  const result = last.then(() => tried(bytes, options, use));
  last = result.catch(() => undefined);
  return result;
}

async function tried<T>(
  bytes: Uint8Array,
  { file, optimise }: TrialOptions,
  use: (session: TrialSession) => Promise<T>,
): Promise<T> {
  let folder: string | undefined;
  try {
    folder = await makeScratch();
    const load = join(folder, "model.onnx");
    await fs.writeFile(load, bytes);
    const run = (shapesOnly: boolean) => async (feeds: Feeds, fetches: readonly string[]) =>
      (await trial.request({ feeds, fetches, shapesOnly })) as Record<string, TrialOutput>;
    const outputs = (await trial.request({
      load,
      memory: Math.max(LEAST_MEMORY, MEMORY_PER_BYTE * bytes.length),
      options: {
        executionProviders: ["cpu"],
        graphOptimizationLevel: optimise ? "all" : "disabled",
        intraOpNumThreads: 1,
      },
    })) as OutputInfo[];
    return await use({ outputs, run: run(false), shapes: run(true) });
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(sentence(file, error), { cause: error });
  } finally {
    if (folder !== undefined) await fs.rm(folder, { recursive: true, force: true });
  }
}

function sentence(file: string, error: unknown): string {
  if (error instanceof TrialEnded) {
    return (
      `onnxruntime ended (${error.message}) while it tried the network in ${file}: the file is damaged, or needs more ` +
      "memory or time than this machine has. Export it again, or a smaller network."
    );
  }
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return `There is no room to try the network in ${file}: the disk of ${tmpdir()} is full. Free some space and try again.`;
  }
  return runtimeSentence(file, error);
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
