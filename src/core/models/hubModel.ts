import { promises as fs } from "node:fs";
import { join } from "node:path";
import type { DownloadProgress, HubOptions } from "../model/hub/index.ts";
import { buildModel, compactModel, openWeights, originFile, parseDescriptors } from "../model/index.ts";
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
}

interface InstallOptions extends HubOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Told in plain words what was done to find the network in the weights. */
  readonly onNote?: (text: string) => void;
}

/**
 * Downloads the weights of a backbone, builds a model on them (its descriptors without FC) and installs it. What has
 * arrived of the weights stays until they are whole, in the folder `weights` beside the models: a later call goes on.
 * @returns the model's name
 * @throws HubError where they cannot be had, ModelError where no model can be built on them or its name is taken; the
 *   signal's reason where that stops it
 */
export async function installFromHub(
  shelf: ModelShelf,
  { repo, commit, path, name, descriptors }: HubModel,
  { onNote = () => {}, ...options }: InstallOptions = {},
): Promise<string> {
  const branches = parseDescriptors(descriptors);
  await shelf.checkFree(name);
  // Loaded only here: the library for the hub is of no use to a search.
  const { downloadFile, HubError, openRepository } = await import("../model/hub/index.ts");
  const repository = await openRepository(repo, { ...options, revision: commit });
  const file = repository.files.find((each) => each.path === path);
  if (file === undefined) throw new HubError(`${repo} has no file ${path}. List its files again.`);
  const weights = join(shelf.weightsFolder, `${repo}-${commit.slice(0, 12)}-${path}`.replace(/[^\w.-]+/g, "_"));
  await downloadFile(repository, file, weights, options);
  try {
    const model = buildModel({ name, backbone: openWeights(weights, { onNote }), branches });
    return await shelf.add(compactModel(model, name), name);
  } finally {
    for (const used of [weights, originFile(weights)]) await fs.rm(used, { force: true });
  }
}
