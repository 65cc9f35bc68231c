import { connect, type HubOptions } from "./connection.ts";
import { type DownloadProgress, type DownloadResult, download } from "./download.ts";
import { type HubFile, type HubRepository, readRepository } from "./repository.ts";

export type { HubOptions } from "./connection.ts";
export type { DownloadProgress, DownloadResult } from "./download.ts";
export { HubError } from "./errors.ts";
export type { HubFile, HubRepository } from "./repository.ts";

/** Repositories with weights for each backbone that has none along (timm, trained on ImageNet-1k, Apache-2.0). */
export const HUB_BACKBONES: Readonly<Record<string, string>> = {
  resnet18: "timm/resnet18.a1_in1k",
  resnet34: "timm/resnet34.a1_in1k",
  resnet50: "timm/resnet50.a1_in1k",
  seresnet50: "timm/seresnet50.a1_in1k",
};

/**
 * Licence and safetensors files of a model repository, `owner/model`.
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
