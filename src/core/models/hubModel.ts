import { promises as fs } from "node:fs";
import { join } from "node:path";
import { makeScratch } from "../files/index.ts";
import type { DownloadProgress, HubOptions } from "../model/hub/index.ts";
import { importAside } from "../model/import/index.ts";
import { parseDescriptors } from "../model/index.ts";
import { installImported } from "./importedModel.ts";
import type { ModelShelf } from "./modelShelf.ts";

/** Weights on a model hub, and the model to be built on them. */
export interface HubModel {
  /** `owner/model`. */
  readonly repo: string;
  /** The commit whose files were shown. */
  readonly commit: string;
  /** Inside the repository. */
  readonly path: string;
  /** Under which the model is installed. */
  readonly name: string;
  /** As `parseDescriptors` reads them. */
  readonly descriptors: string;
  /** Its tower for words, inside the repository; none where absent. */
  readonly text?: string | undefined;
}

interface InstallOptions extends HubOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Told in plain words what was done to find the network in the weights. */
  readonly onNote?: (text: string) => void;
}

/**
 * Downloads a network with its configurations, makes a model of it (its descriptors without FC) and installs it. What has
 * arrived stays until all is there, in the folder `weights` beside the models: a later call goes on.
 * @returns the model's name
 * @throws HubError where it cannot be had, ModelError where no model can be made of it or its name is taken; the signal's
 *   reason where that stops it
 */
export async function installFromHub(
  shelf: ModelShelf,
  { repo, commit, path, name, descriptors, text }: HubModel,
  { onNote = () => {}, ...options }: InstallOptions = {},
): Promise<string> {
  const branches = parseDescriptors(descriptors);
  await shelf.checkFree(name);
  // Loaded only here: the library for the hub is of no use to a search.
  const { downloadNetwork, HubError, openRepository } = await import("../model/hub/index.ts");
  const repository = await openRepository(repo, { ...options, revision: commit });
  const file = repository.files.find((each) => each.path === path);
  if (file === undefined) throw new HubError(`${repo} has no file ${path}. List its files again.`);
  const tower = repository.files.find((each) => each.path === text);
  if (text !== undefined && tower === undefined)
    throw new HubError(`${repo} has no file ${text}. List its files again.`);
  // A folder of its own: configurations of another network must not lie beside it.
  const folder = join(shelf.weightsFolder, `${repo}-${commit.slice(0, 12)}`.replace(/[^\w.-]+/g, "_"));
  const { file: network } = await downloadNetwork(repository, file, folder, { ...options, text: tower });
  try {
    if (network.endsWith(".onnx")) {
      const words = tower === undefined ? {} : { text: { file: join(folder, ...tower.path.split("/")) } };
      await installImported(shelf, { file: network, name, branches, ...words }, options.signal);
      return name;
    }
    return await installBuilt(shelf, { weights: network, descriptors, name }, onNote, options.signal);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function installBuilt(
  shelf: ModelShelf,
  options: { readonly weights: string; readonly descriptors: string; readonly name: string },
  onNote: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const folder = await makeScratch();
  try {
    const out = join(folder, "model.onnx");
    for (const note of await importAside("build", { ...options, out }, { file: options.weights, signal })) onNote(note);
    return await shelf.install(out, options.name, signal);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
