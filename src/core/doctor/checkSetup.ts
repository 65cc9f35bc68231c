import { existsSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import {
  type DeviceChoice,
  type FormChoice,
  isDatabase,
  isFallback,
  isHealthy,
  type SetupIndex,
  type SetupModel,
  type SetupPlatform,
  type SetupReport,
} from "../../shared/index.ts";
import { type NativeLoaders, nativeParts, ownVersion } from "./natives.ts";

export interface CheckOptions {
  /** File of the model that comes with the product. */
  readonly builtInModel: string;
  /** Name of an installed model, or a model file; the chosen one where absent. */
  readonly model?: string | undefined;
  readonly device?: DeviceChoice | undefined;
  /** A folder whose index is looked at as well. */
  readonly folder?: string | undefined;
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the index of the model that is adapted to the folder is meant; by default it is. */
  readonly adapt?: boolean | undefined;
  /** In which form the model is used; `auto` where absent. */
  readonly form?: FormChoice | undefined;
  /** Try the devices again instead of telling what was found out before. */
  readonly fresh?: boolean | undefined;
  /** Where verdicts on devices lie; the user's data folder where absent. */
  readonly cacheFolder?: string | undefined;
  readonly loaders?: NativeLoaders | undefined;
}

/**
 * Looks at everything that Lookalike needs. It never throws: what does not work is what it is there to say. Native
 * modules are only loaded inside, so that it runs where they do not.
 */
export async function checkSetup(options: CheckOptions): Promise<SetupReport> {
  const { versions, problems: missing, candidates } = await nativeParts(options.loaders);
  const problems = [...missing];
  const found: Findings = { device: null, model: null };
  // Core loads all of them.
  if (missing.length === 0) {
    try {
      await tryOut(options, found);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  const { device, index } = found;
  if (index !== undefined && !isHealthy(index)) {
    problems.push(`The index ${index.file} is not as it should be. Rebuild it; the images are untouched.`);
  }
  if (device !== null && isFallback(device)) {
    problems.push(`The device ${device.asked} cannot be used: ${device.reason}. ${device.used} is used instead.`);
  }
  return {
    ok: problems.length === 0,
    problems,
    versions: { lookalike: ownVersion(), node: process.versions.node, ...versions },
    platform: describePlatform(),
    candidates,
    ...found,
  };
}

interface Findings {
  device: SetupReport["device"];
  model: SetupModel | null;
  index?: SetupIndex;
}

/** Loads the model, embeds with it, and opens the index. What was found before something fails stays in `found`. */
async function tryOut(options: CheckOptions, found: Findings): Promise<void> {
  const core = await import("../index.ts");
  const shelf = new core.ModelShelf(options.builtInModel);
  const file =
    options.model === undefined ? (await shelf.selected(options.folder)).file : await shelf.find(options.model);
  const { device, cacheFolder = core.deviceFolder(), fresh, form = "auto", folder, location } = options;
  const open = (path: string) => core.openEmbedder(path, { device, cacheFolder, fresh });
  const pool = new core.EmbedderPool(open, device);
  try {
    const { formInUse } = await import("./formInUse.ts");
    const used = await formInUse(file, form, pool, folder, location);
    const embedder = await pool.get(used);
    const { name, fingerprint } = embedder.summary;
    found.model = { name, fingerprint, file: resolve(used) };
    const report = embedder.deviceReport;
    const imagesPerSecond = report.tried.find((trial) => trial.device === report.used)?.imagesPerSecond ?? null;
    found.device = { ...report, imagesPerSecond };
    const { width, height } = embedder.manifest.input;
    const row = await embedder.embed(new Uint8Array(width * height * 3).fill(128), 1);
    if (!row.every(Number.isFinite)) {
      throw new Error(`The model ${file} gives values that are no numbers. Build or copy it again.`);
    }
    if (options.folder !== undefined) found.index = await lookAtIndex(options.folder, options, file, pool);
  } finally {
    await pool.release();
  }
}

const NO_ROWS = {
  kind: "sqlite",
  software: null,
  version: null,
  latency: null,
  recall: null,
  rows: 0,
  skipped: 0,
  images: 0,
  duplicates: 0,
  orphans: 0,
  schemaVersion: null,
  integrity: null,
} as const;

/** Opens an index that is there; makes none. */
async function lookAtIndex(
  folder: string,
  { location, adapt, form }: CheckOptions,
  modelFile: string,
  pool: import("../index.ts").EmbedderPool,
): Promise<SetupIndex> {
  const { FolderIndex } = await import("../folder/index.ts");
  const { defaultLocation, indexDetails, indexFile, StoreError } = await import("../index/index.ts");
  const absolute = resolve(folder);
  if (!existsSync(absolute)) {
    throw new StoreError(`${absolute} is not a folder that can be read. Choose a folder of images.`);
  }
  if (location === undefined || !isDatabase(location)) {
    // An adapted model lies beside the indexes of its folder, and only an index run makes one. Of any model: they share a folder.
    const base = indexFile(resolve(location || defaultLocation()), absolute, "0".repeat(64));
    if (!existsSync(dirname(base))) return { folder: absolute, file: null, model: null, ...NO_ROWS };
  } else if ((await indexDetails(absolute, modelFile, { location, adapt, form })).current === null) {
    return { folder: absolute, file: null, model: null, ...NO_ROWS, kind: "postgres" };
  }
  const index = await FolderIndex.open(absolute, pool, modelFile, { location, adapt, form });
  try {
    const { skipped, location: file, model } = await index.status();
    const health = await index.health();
    const measured = health.integrity === "ok" ? await index.measure() : { latency: null, recall: null };
    const version = health.schemaVersion;
    return {
      folder: absolute,
      kind: index.kind,
      software: index.software,
      version,
      file,
      model: model.fingerprint,
      skipped,
      ...health,
      ...measured,
    };
  } finally {
    await index.close();
  }
}

function describePlatform(): SetupPlatform {
  // Else the report looks up the names of the machines that this process is connected to.
  Object.assign(process.report, { excludeNetwork: true });
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  return {
    os: platform(),
    arch: arch(),
    release: release(),
    glibc: glibcVersionRuntime ?? null,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem() / 2 ** 30,
  };
}
