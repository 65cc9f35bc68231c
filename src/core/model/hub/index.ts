import { join } from "node:path";
import { connect, type HubOptions } from "./connection.ts";
import { type DownloadProgress, type DownloadResult, download } from "./download.ts";
import { companionsOf, companionsOfText } from "./layout.ts";
import { licencesOf, type StatedLicence } from "./licences.ts";
import { type HubFile, type HubRepository, readRepository } from "./repository.ts";

export { CATALOGUE, type CatalogueEntry } from "./catalogue.ts";
export { type HubOptions, tokenOfEnvironment } from "./connection.ts";
export type { DownloadProgress, DownloadResult } from "./download.ts";
export { HubDenied, HubError } from "./errors.ts";
export {
  inOrderOfUse,
  type Precision,
  precisionOf,
  sizeOfNetwork,
  sizeOfText,
  textTowerOf,
} from "./layout.ts";
export type { StatedLicence } from "./licences.ts";
export type { HubFile, HubRepository } from "./repository.ts";

/** Repositories with weights for each backbone that has none along (timm, trained on ImageNet-1k, Apache-2.0). */
export const HUB_BACKBONES: Readonly<Record<string, string>> = {
  resnet18: "timm/resnet18.a1_in1k",
  resnet34: "timm/resnet34.a1_in1k",
  resnet50: "timm/resnet50.a1_in1k",
  seresnet50: "timm/seresnet50.a1_in1k",
};

/**
 * Licence and networks of a model repository, `owner/model`.
 * @throws HubError with a sentence for the user; the signal's reason where that stops it
 */
export async function openRepository(
  repo: string,
  { revision = "main", ...options }: HubOptions & { readonly revision?: string } = {},
): Promise<HubRepository> {
  return readRepository(await connect(options), repo, revision);
}

/**
 * Downloads a file of a repository to `out`, and records its origin and licence beside it, where `openBackbone` finds
 * them. Goes on where an earlier call stopped. `out` appears whole and with the right checksum, or not at all.
 * @throws HubError with a sentence for the user; the signal's reason where that stops it
 */
export async function downloadFile(
  repository: HubRepository,
  file: HubFile,
  out: string,
  {
    onProgress = () => {},
    ...options
  }: HubOptions & { readonly onProgress?: (progress: DownloadProgress) => void } = {},
): Promise<DownloadResult> {
  return download(await connect(options), repository, file, out, onProgress);
}

/** What licences a repository states, on its card and in its configuration, and which of them need a look. */
export async function statedLicences(repository: HubRepository, options: HubOptions = {}): Promise<StatedLicence[]> {
  return licencesOf(await connect(options), repository);
}

/**
 * Downloads a network with what it needs beside it, laid out as in the repository.
 * @param folder where the repository's paths begin
 * @returns the network's own file
 * @throws HubError with a sentence for the user; the signal's reason where that stops it
 */
export async function downloadNetwork(
  repository: HubRepository,
  file: HubFile,
  folder: string,
  {
    onProgress = () => {},
    text,
    ...options
  }: HubOptions & {
    readonly onProgress?: (progress: DownloadProgress) => void;
    /** Its tower for words, which comes along with the tokenizer. */
    readonly text?: HubFile | undefined;
  } = {},
): Promise<DownloadResult> {
  const hub = await connect(options);
  const words = text === undefined ? [] : [...companionsOfText(repository, text), text];
  const own = companionsOf(repository, file);
  const all = [...words.filter(({ path }) => !own.some((each) => each.path === path)), ...own, file];
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  let result: DownloadResult | undefined;
  for (const each of all) {
    const out = join(folder, ...each.path.split("/"));
    result = await download(hub, repository, each, out, ({ done }) => onProgress({ done: before + done, total }));
    before += each.size;
  }
  return result!;
}
