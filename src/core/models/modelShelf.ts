import { promises as fs } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import envPaths from "env-paths";
import type { InstalledModel } from "../../shared/index.ts";
import { writeFileAtomically } from "../files/index.ts";
import { DEFAULT_MODEL_NAME, fingerprint, ModelError, readManifest } from "../model/index.ts";
import { chosenFor, readSelection, writeSelection } from "./selection.ts";

/** Names that are file names on every system. */
const NAME = /^(?!default$)[\p{L}\p{N}][\p{L}\p{N} ._+-]{0,99}$/u;

/** Where installed models lie unless told otherwise: the user's data folder, the same for every front end. */
export function defaultModelsFolder(): string {
  return join(envPaths("lookalike", { suffix: "" }).data, "models");
}

/** The models of a user: the one that comes with the product, and those that were installed as `<name>.onnx`. */
export class ModelShelf {
  readonly #builtIn: string;
  readonly #folder: string;

  /** @param builtIn file of the model that comes with the product */
  constructor(builtIn: string, folder = defaultModelsFolder()) {
    this.#builtIn = builtIn;
    this.#folder = folder;
  }

  /** Every model, the built-in one first; one that cannot be read is listed with its problem. */
  async list(folder?: string): Promise<InstalledModel[]> {
    const files = await fs.readdir(this.#folder).catch(() => []);
    const installed = files
      .filter((file) => extname(file) === ".onnx")
      .sort()
      .map((file) => join(this.#folder, file));
    const selected = await this.selected(folder);
    return Promise.all(
      [this.#builtIn, ...installed].map((file) => describe(file, file === this.#builtIn, selected.file)),
    );
  }

  /**
   * The file of a model.
   * @param name of an installed model, `default` for the built-in one, or the path of a model file
   * @throws ModelError where there is none
   */
  async find(name: string): Promise<string> {
    if (name === DEFAULT_MODEL_NAME || name === "default") return this.#builtIn;
    const installed = join(this.#folder, `${name}.onnx`);
    if (NAME.test(name) && (await exists(installed))) return installed;
    if (extname(name) === ".onnx" && (await exists(resolve(name)))) return resolve(name);
    const known = (await fs.readdir(this.#folder).catch(() => [])).filter((file) => extname(file) === ".onnx");
    const names = [DEFAULT_MODEL_NAME, ...known.map((file) => basename(file, ".onnx"))].join(", ");
    throw new ModelError(`There is no model "${name}". Installed: ${names}. Or give the path of a model file.`);
  }

  /**
   * The model to use for a folder. A chosen one that is gone is not used; `warning` says so.
   * @param folder where absent, the choice for all folders
   */
  async selected(folder?: string): Promise<{ readonly file: string; readonly warning?: string }> {
    const name = chosenFor(await readSelection(this.#folder), folder);
    if (name === null) return { file: this.#builtIn };
    try {
      return { file: await this.find(name) };
    } catch (error) {
      return { file: this.#builtIn, warning: `${String(error)} ${DEFAULT_MODEL_NAME} is used instead.` };
    }
  }

  /** Chooses a model for a folder, or for all; null goes back to the built-in one. @throws ModelError where it cannot be used */
  async select(name: string | null, folder?: string): Promise<void> {
    if (name !== null) {
      const file = await this.find(name);
      readManifest(await fs.readFile(file), file);
    }
    const builtIn = name === DEFAULT_MODEL_NAME || name === "default";
    await writeSelection(this.#folder, builtIn ? null : name, folder);
  }

  /**
   * Copies a model file among the installed ones.
   * @param name by default the model's own
   * @throws ModelError where the file is no model of ours, or the name is taken by another model
   */
  async install(file: string, name?: string): Promise<string> {
    const bytes = await fs.readFile(file).catch((cause) => {
      throw new ModelError(`The model ${file} cannot be read. Check the path.`, { cause });
    });
    const chosen = name ?? readManifest(bytes, file).name;
    const target = this.#target(chosen);
    if (await exists(target)) {
      if (fingerprint(await fs.readFile(target)) === fingerprint(bytes)) return chosen;
      throw new ModelError(`A model named "${chosen}" is installed already. Give another name, or delete that one.`);
    }
    await fs.mkdir(this.#folder, { recursive: true });
    await writeFileAtomically(target, bytes);
    return chosen;
  }

  /** @throws ModelError for the built-in model and for a name that is not installed */
  async remove(name: string): Promise<void> {
    await fs.rm(await this.#own(name));
    if ((await readSelection(this.#folder)).everywhere === name) await writeSelection(this.#folder, null);
  }

  /** @throws ModelError where the new name is taken or not allowed */
  async rename(name: string, to: string): Promise<void> {
    const target = this.#target(to);
    if (to === DEFAULT_MODEL_NAME || (await exists(target))) {
      throw new ModelError(`A model named "${to}" is there already. Give another name.`);
    }
    await fs.rename(await this.#own(name), target);
    if ((await readSelection(this.#folder)).everywhere === name) await writeSelection(this.#folder, to);
  }

  /** Copies a model to a file of the user's. */
  async export(name: string, file: string): Promise<void> {
    await writeFileAtomically(resolve(file), await fs.readFile(await this.find(name)));
  }

  #target(name: string): string {
    if (!NAME.test(name)) {
      throw new ModelError(`"${name}" cannot be the name of a model. Use letters, digits, space and . _ + - only.`);
    }
    return join(this.#folder, `${name}.onnx`);
  }

  async #own(name: string): Promise<string> {
    const file = await this.find(name);
    if (file !== this.#target(name)) throw new ModelError(`"${name}" comes with Lookalike and stays as it is.`);
    return file;
  }
}

async function describe(file: string, builtIn: boolean, selected: string): Promise<InstalledModel> {
  const common = {
    name: builtIn ? DEFAULT_MODEL_NAME : basename(file, ".onnx"),
    file,
    builtIn,
    selected: file === selected,
  };
  try {
    const bytes = await fs.readFile(file);
    const manifest = readManifest(bytes, file);
    return { ...common, bytes: bytes.length, fingerprint: fingerprint(bytes), manifest, problem: null };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...common, bytes: 0, fingerprint: null, manifest: null, problem };
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
