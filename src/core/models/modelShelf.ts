import { promises as fs } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import pMap from "p-map";
import {
  type EvaluationReport,
  type InstalledModel,
  MODEL_NAME,
  modelNameFault,
  scoresOf,
} from "../../shared/index.ts";
import { dataFolder, isDiskFull, lock, makeFolder, readRegularFile, sweepParts, sweepScratch } from "../files/index.ts";
import { Proofs } from "../model/import/index.ts";
import {
  DEFAULT_MODEL_NAME,
  fingerprint,
  formsOf,
  ModelError,
  readManifest,
  readModelBytes,
  writeModelFile,
} from "../model/index.ts";
import { proveTower, readTowerBytes, textTowerFile } from "../model/text/index.ts";
import { describe, exists, nameError } from "./describe.ts";
import { addScores, scoresFile } from "./scores.ts";
import { chosenFor, readSelection, renameInSelection, writeSelection } from "./selection.ts";

/** Models that are read together: each as a whole, and there may be hundreds. */
const AT_ONCE = 2;
/** Held while the models or the choice change. */
const LOCK = "models.lock";

/** Where installed models lie unless told otherwise: the user's data folder, the same for every front end. */
export function defaultModelsFolder(): string {
  return join(dataFolder(), "models");
}

/** The models of a user: the one that comes with the product, and those that were installed as `<name>.onnx`. */
export class ModelShelf {
  readonly #builtIn: string;
  readonly #folder: string;
  readonly #proofs: Proofs;

  /** @param builtIn file of the model that comes with the product */
  constructor(builtIn: string, folder = defaultModelsFolder()) {
    this.#builtIn = builtIn;
    this.#folder = folder;
    this.#proofs = new Proofs(join(dirname(folder), "proven"));
  }

  /** Where weights lie that models are being built on. */
  get weightsFolder(): string {
    return join(dirname(this.#folder), "weights");
  }

  /** Removes what processes left behind that ended in the midst of an import, a proof or a change of the models. */
  async sweep(): Promise<void> {
    await Promise.all([sweepScratch(), sweepParts(this.#folder)]);
  }

  /** Every model, the built-in one first; one that cannot be read is listed with its problem. */
  async list(folder?: string): Promise<InstalledModel[]> {
    const files = await fs.readdir(this.#folder).catch(() => []);
    const installed = files
      .filter((file) => extname(file) === ".onnx")
      .sort()
      .map((file) => join(this.#folder, file));
    const name = chosenFor(await readSelection(this.#folder), folder);
    const selected = name === null ? this.#builtIn : await this.#chosen(name).catch(() => this.#builtIn);
    const one = (file: string) => describe(file, file === this.#builtIn, selected, this.#scoresFile(file));
    return pMap([this.#builtIn, ...installed], one, { concurrency: AT_ONCE });
  }

  /**
   * The file of a model, which was proven.
   * @param name of an installed model, `default` for the built-in one, or the path of a model file
   * @throws ModelError where there is none, or it does not pass
   */
  async find(name: string): Promise<string> {
    return this.#proven(await this.#located(name));
  }

  async #located(name: string): Promise<string> {
    const file = await this.#named(name);
    if (file !== undefined) return file;
    if (extname(name) === ".onnx" && (await exists(resolve(name)))) return resolve(name);
    throw new ModelError(`${await this.#unknown(name)} Or give the path of a model file.`);
  }

  /** A model of others is proven before it is used, the one that comes with the product is not. */
  async #proven(file: string): Promise<string> {
    if (file !== this.#builtIn) await this.#proofs.proveFile(file);
    return file;
  }

  /** The file of an installed model, which was proven. A path is no name here. @throws ModelError where there is none */
  async installed(name: string): Promise<string> {
    return this.#proven(await this.#placeOf(name));
  }

  async #placeOf(name: string): Promise<string> {
    const file = await this.#named(name);
    if (file === undefined) throw new ModelError(`${await this.#unknown(name)} Choose one of them.`);
    return file;
  }

  /**
   * The model to use for a folder. A chosen one that is gone is not used; `warning` says so.
   * @param folder where absent, the choice for all folders
   */
  async selected(folder?: string): Promise<{ readonly file: string; readonly warning?: string }> {
    const name = chosenFor(await readSelection(this.#folder), folder);
    if (name === null) return { file: this.#builtIn };
    try {
      return { file: await this.#proven(await this.#chosen(name)) };
    } catch (error) {
      return { file: this.#builtIn, warning: `${String(error)} ${DEFAULT_MODEL_NAME} is used instead.` };
    }
  }

  /**
   * Chooses a model for a folder, or for all; null goes back to the built-in one. A file that is not installed is kept by its
   * real path: a path of the current folder would mean another file in every other folder.
   * @returns what is kept: a name, or an absolute path
   * @throws ModelError where it cannot be used
   */
  async select(name: string | null, folder?: string): Promise<string> {
    let kept = name;
    if (name !== null) {
      const file = await this.find(name);
      readManifest(await readRegularFile(file), file);
      if ((await this.#named(name)) === undefined) kept = await fs.realpath(file);
    }
    // For one folder the built-in model by its name is a choice too: all others may have another one.
    const none = kept === "default" || (kept === DEFAULT_MODEL_NAME && folder === undefined);
    await this.#locked(() => writeSelection(this.#folder, none ? null : kept, folder));
    return kept ?? DEFAULT_MODEL_NAME;
  }

  /**
   * Copies a model file among the installed ones.
   * @param name by default the model's own
   * @throws ModelError where the file is no model of ours or does not pass, or the name is another's; the signal's reason, before
   */
  async install(file: string, name?: string, signal?: AbortSignal): Promise<string> {
    const bytes = await readModelBytes(file);
    const manifest = readManifest(bytes, file);
    await this.#proofs.prove(bytes, file, signal);
    const own = (name ?? manifest.name).normalize("NFC");
    if (manifest.text !== undefined) {
      const tower = await readTowerBytes(textTowerFile(file));
      await this.checkFree(own);
      await proveTower(tower, textTowerFile(file), manifest.text);
      await writeModelFile(textTowerFile(this.#fileOf(own)), tower);
    }
    return this.add(bytes, own);
  }

  /**
   * Installs a model.
   * @param bytes of a model file of ours
   * @returns its name, in composed letters
   * @throws ModelError where the name is not allowed, or taken by another model
   */
  async add(bytes: Uint8Array, wanted: string): Promise<string> {
    const name = wanted.normalize("NFC");
    await this.#proofs.prove(bytes, name);
    return this.#locked(async () => {
      const present = await this.#named(name);
      if (present !== undefined && fingerprint(await fs.readFile(present)) === fingerprint(bytes)) return name;
      await this.checkFree(name);
      await writeModelFile(this.#fileOf(name), bytes);
      return name;
    });
  }

  /** @throws ModelError where a new model cannot have this name; to be asked before the work that makes the model */
  async checkFree(name: string): Promise<void> {
    const fault = modelNameFault(name.normalize("NFC"), [DEFAULT_MODEL_NAME, ...(await this.#names())]);
    if (fault !== undefined) throw nameError(name, fault);
  }

  /** @throws ModelError for the built-in model and for a name that is not installed */
  async remove(name: string): Promise<void> {
    await this.#locked(async () => {
      const file = await this.#own(name);
      await fs.rm(file);
      await fs.rm(textTowerFile(file), { force: true });
      await fs.rm(scoresFile(file), { force: true });
      await renameInSelection(this.#folder, basename(file, ".onnx"), null);
    });
  }

  /** @throws ModelError where the new name is taken or not allowed */
  async rename(name: string, wanted: string): Promise<void> {
    const to = wanted.normalize("NFC");
    await this.#locked(async () => {
      const file = await this.#own(name);
      const others = (await this.#names()).filter((other) => this.#fileOf(other) !== file);
      const fault = modelNameFault(to, [DEFAULT_MODEL_NAME, ...others]);
      if (fault !== undefined) throw nameError(to, fault);
      const target = this.#fileOf(to);
      // Few models have a text tower.
      await fs.rename(textTowerFile(file), textTowerFile(target)).catch(() => {});
      await fs.rename(file, target);
      // There are none where nothing was measured.
      await fs.rename(scoresFile(file), scoresFile(target)).catch(() => {});
      await renameInSelection(this.#folder, basename(file, ".onnx"), to);
    });
  }

  /**
   * Keeps what a report says of some models.
   * @param files of the models that the report was made with
   * @throws FileError where it cannot be written
   */
  async keepScores(files: readonly string[], report: EvaluationReport): Promise<void> {
    for (const file of files) {
      const { float, int8 } = await formsOf(file);
      const own = float.fingerprint;
      // What the folder's form found is the model's.
      const scores = [float, int8].flatMap((form) =>
        form === null ? [] : scoresOf(report, form.fingerprint, new Date()),
      );
      if (scores.length > 0) await this.#locked(() => addScores(this.#scoresFile(file), own, scores));
    }
  }

  /** The folder of the built-in model belongs to the product. */
  #scoresFile(model: string): string {
    return scoresFile(model === this.#builtIn ? join(this.#folder, `${DEFAULT_MODEL_NAME}.onnx`) : model);
  }

  /** Copies a model to a file of the user's, and its text tower beside it. @throws ModelError where it cannot be written */
  async export(name: string, file: string): Promise<void> {
    const located = await this.#located(name);
    const bytes = await fs.readFile(located);
    if (readManifest(bytes, located).text !== undefined) {
      await writeModelFile(textTowerFile(resolve(file)), await readTowerBytes(textTowerFile(located)));
    }
    await writeModelFile(resolve(file), bytes);
  }

  /** The file of a kept choice. @throws ModelError where there is none */
  async #chosen(name: string): Promise<string> {
    if (!isAbsolute(name)) return this.#placeOf(name);
    if (await exists(name)) return name;
    throw new ModelError(`The chosen model ${name} is not there any more.`);
  }

  /** One change at a time, in whichever process: what is read is what is changed. @throws ModelError where nothing can be written */
  async #locked<T>(work: () => Promise<T>): Promise<T> {
    let unlock: () => void;
    try {
      makeFolder(this.#folder);
      unlock = await lock(join(this.#folder, LOCK), { every: 10 + 20 * Math.random() });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const full = isDiskFull(join(this.#folder, LOCK), cause);
      const why = full ? ": the disk is full. Free some space." : ` (${reason}). Check that it can be written.`;
      throw new ModelError(`The models in ${this.#folder} cannot be changed${why}`, { cause });
    }
    try {
      return await work();
    } finally {
      unlock();
    }
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${name}.onnx`);
  }

  /** Of the models that were installed. */
  async #names(): Promise<string[]> {
    const files = await fs.readdir(this.#folder).catch((): string[] => []);
    return files.filter((file) => extname(file) === ".onnx").map((file) => basename(file, ".onnx"));
  }

  async #named(name: string): Promise<string | undefined> {
    if (name === DEFAULT_MODEL_NAME || name === "default") return this.#builtIn;
    // Whoever typed it may have written letters with marks apart from them.
    for (const own of [name, name.normalize("NFC")]) {
      if (MODEL_NAME.test(own) && (await exists(this.#fileOf(own)))) return this.#fileOf(own);
    }
    return undefined;
  }

  async #unknown(name: string): Promise<string> {
    return `There is no model "${name}". Installed: ${[DEFAULT_MODEL_NAME, ...(await this.#names())].join(", ")}.`;
  }

  async #own(name: string): Promise<string> {
    const file = await this.#placeOf(name);
    if (file === this.#builtIn) throw new ModelError(`"${name}" comes with Lookalike and stays as it is.`);
    return file;
  }
}
