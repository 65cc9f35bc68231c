import type { DeviceChoice, DeviceReport, ModelManifest, ModelSummary } from "../../shared/index.ts";
import { readRegularFile } from "../files/index.ts";
import { fingerprint, ModelError, readManifest } from "../model/index.ts";
import { BatchRunner } from "./batch.ts";
import { thisPlatform } from "./candidates.ts";
import { failureReason } from "./failureReason.ts";
import { openSession } from "./modelSession.ts";
import { isOutOfMemory } from "./outOfMemory.ts";
import { settleDevice } from "./settleDevice.ts";

/** A model that is loaded and ready to embed. */
export interface Embedder {
  /** The model's file; whoever renames it says so here. */
  file: string;
  readonly manifest: ModelManifest;
  /** Under the name that the model was written with; whoever knows it by another says so here. */
  summary: ModelSummary;
  /** Where the graph runs. */
  readonly device: string;
  /** Which device runs the graph, why that one, and at which batch; the batch shrinks where memory runs out. */
  readonly deviceReport: DeviceReport;
  /** Sum of the branches' dims: the length of one row of `embed`. */
  readonly dim: number;
  /**
   * @param pixels uint8 RGB `[count, height, width, 3]` of the model's input size
   * @returns float32 `[count, dim]`: the branches of each image side by side in the model's order, each of norm 1
   * @throws ModelError where the device fails
   */
  embed(pixels: Uint8Array, count: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface EmbedderOptions {
  /** `auto` where absent. */
  readonly device?: DeviceChoice | undefined;
  /** Where verdicts on the devices of this machine are kept (`deviceFolder()`); where absent, each call finds out anew. */
  readonly cacheFolder?: string | undefined;
  /** Forgets what is kept about this model's devices first, crashes too. */
  readonly fresh?: boolean | undefined;
}

/**
 * Loads a model file on the device that was asked for, or on the CPU where that one does not work.
 * @throws ModelError where the file is not a model of ours
 */
export async function openEmbedder(modelFile: string, options: EmbedderOptions = {}): Promise<Embedder> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(modelFile);
  } catch (error) {
    throw new ModelError(`The model ${modelFile} cannot be read. Build it with "npm run build:model".`, {
      cause: error,
    });
  }
  const manifest = readManifest(bytes, modelFile);
  const print = fingerprint(bytes);
  const { session, report } = await settleDevice({
    asked: options.device ?? "auto",
    model: print,
    input: manifest.input,
    platform: thisPlatform(),
    folder: options.cacheFolder,
    fresh: options.fresh ?? false,
    open: (device) => openSession(bytes, manifest, device),
  });
  const runner = new BatchRunner(session, report.batch);
  const dim = manifest.descriptors.reduce((sum, branch) => sum + branch.dim, 0);

  return {
    file: modelFile,
    manifest,
    summary: {
      name: manifest.name,
      fingerprint: print,
      descriptors: manifest.descriptors.map(({ name }) => name),
      ...(manifest.text === undefined ? {} : { words: manifest.text.branch }),
    },
    device: report.used,
    get deviceReport() {
      return { ...report, batch: runner.batch };
    },
    dim,
    async embed(pixels, count) {
      try {
        return await runner.run(pixels, count, dim);
      } catch (cause) {
        if (cause instanceof ModelError) throw cause;
        const reason = isOutOfMemory(cause) ? "its memory does not suffice for a single image" : failureReason(cause);
        const next =
          report.used === "cpu" ? "Use a smaller model." : 'Set "lookalike.device" to "cpu", then try again.';
        throw new ModelError(`The model ${manifest.name} failed on ${report.used}: ${reason}. ${next}`, { cause });
      }
    },
    release: () => session.release(),
  };
}
