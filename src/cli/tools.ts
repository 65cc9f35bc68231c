import { fileURLToPath } from "node:url";
import type * as Core from "../core/index.ts";
import { type DeviceChoice, type FormChoice, isFallback } from "../shared/index.ts";

// Bundled to dist/cli/main.mjs; the built-in model lies in dist/models.
export const BUILT_IN = fileURLToPath(new URL("../models/mobilenetv2-smg.onnx", import.meta.url));

/** The torch engine; it lies beside `dist`, and beside `src`. */
export const TORCH_TRAINER = fileURLToPath(new URL("../../trainer/train.py", import.meta.url));

/** Options that every command with an index has. */
export interface IndexPlaceOptions {
  readonly index?: string;
  readonly model?: string;
  readonly adapt?: boolean;
  readonly form?: FormChoice;
  readonly device?: DeviceChoice;
  /** MB. */
  readonly memory?: number;
  readonly decodeSeconds?: number;
}

/** Core, imported only when a command runs: `--help` needs no native module. */
export function loadCore(): Promise<typeof Core> {
  return import("../core/index.ts");
}

export function shelfOf(core: typeof Core): Core.ModelShelf {
  return new core.ModelShelf(BUILT_IN);
}

/**
 * Opens the index of a folder with the model that is chosen for it, for the time of `work`.
 * @param options as commander gives them; `model` is a name or a file, and wins over the choice
 */
export async function withFolderIndex<T>(
  folder: string,
  options: IndexPlaceOptions,
  work: (index: Core.FolderIndex, core: typeof Core, modelFile: string) => Promise<T>,
): Promise<T> {
  const core = await loadCore();
  if (options.decodeSeconds !== undefined) core.limitDecoding(options.decodeSeconds);
  const shelf = shelfOf(core);
  const { file, warning } =
    options.model === undefined
      ? await shelf.selected(folder)
      : { file: await shelf.find(options.model), warning: undefined };
  if (warning !== undefined) console.error(warning);
  const pool = new core.EmbedderPool((path) => openModel(core, path, options.device ?? "auto"), options.device);
  try {
    const index = await core.FolderIndex.open(folder, pool, file, {
      location: options.index,
      adapt: options.adapt,
      form: options.form,
      warn: console.error,
      memory: options.memory === undefined ? undefined : options.memory * 1e6,
    });
    try {
      return await work(index, core, file);
    } finally {
      await index.close();
    }
  } finally {
    await pool.release();
  }
}

export async function openModel(core: typeof Core, file: string, device: DeviceChoice): Promise<Core.Embedder> {
  const embedder = await core.openEmbedder(file, { device, cacheFolder: core.deviceFolder() });
  const report = embedder.deviceReport;
  if (isFallback(report)) {
    console.error(`The device ${report.asked} cannot be used (${report.reason}); ${report.used} is used instead.`);
  }
  return embedder;
}
