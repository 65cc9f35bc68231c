import { stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { SingleBar } from "cli-progress";
import type { DownloadProgress, DownloadResult, HubFile, HubRepository } from "../../core/model/hub/index.ts";
import { visible } from "../../shared/index.ts";

export interface DownloadCommandOptions {
  /** Path in the repository; needed where it has several safetensors files. */
  readonly file?: string;
  /** File to write, or a folder; the current folder by default. */
  readonly out?: string;
  /** Base URL of the hub; the variable HF_ENDPOINT by default, then the public hub. */
  readonly endpoint?: string;
  readonly json?: boolean;
}

/**
 * `lookalike model download`: backbone weights from a model hub. Progress goes to stderr, the result to stdout. Ctrl-C
 * stops and keeps what has arrived.
 * @param repo `owner/model`, or the name of a backbone, such as `resnet50`
 */
export async function downloadCommand(repo: string, options: DownloadCommandOptions): Promise<void> {
  const { downloadFile, HUB_BACKBONES, openRepository } = await import("../../core/model/hub/index.ts");
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  const hub = { endpoint: options.endpoint ?? (process.env["HF_ENDPOINT"] || undefined), signal: abort.signal };
  const progress = process.stderr.isTTY ? progressBar() : undefined;
  try {
    const name = Object.hasOwn(HUB_BACKBONES, repo) ? HUB_BACKBONES[repo]! : repo;
    const repository = await openRepository(name, hub);
    const file = choose(repository, options.file);
    const out = await targetOf(repository, file, options.out);
    console.error(`${file.path} of ${repository.repo}, ${megabytes(file.size)} MB, licence ${repository.licence}`);
    const result = await downloadFile(repository, file, out, { ...hub, onProgress: (state) => progress?.show(state) });
    progress?.end();
    console.log(options.json ? JSON.stringify(result, null, 2) : describe(visible(result)));
  } catch (error) {
    progress?.end();
    if (!abort.signal.aborted) throw error;
    console.error("Stopped. What has arrived is kept; run the command again to go on.");
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", stop);
  }
}

function choose({ repo, files }: HubRepository, path: string | undefined): HubFile {
  const file = path === undefined && files.length === 1 ? files[0] : files.find((each) => each.path === path);
  if (file !== undefined) return file;
  if (files.length === 0) throw new Error(`${repo} has no safetensors file. Choose another repository.`);
  const list = files.map((each) => `  ${each.path} (${megabytes(each.size)} MB)`).join("\n");
  const what = path === undefined ? `${repo} has several safetensors files` : `${repo} has no safetensors file ${path}`;
  throw new Error(`${what}. Choose one with --file:\n${list}`);
}

/** Most repositories call their file model.safetensors, so the repository's name tells more. */
async function targetOf({ repo }: HubRepository, { path }: HubFile, out = "."): Promise<string> {
  const isFolder = (await stat(out).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return out;
  const name = posix.basename(path);
  return join(out, name === "model.safetensors" ? `${basename(repo)}.safetensors` : name.replace(/[^\w.-]/g, "_"));
}

function progressBar(): { show(progress: DownloadProgress): void; end(): void } {
  const bar = new SingleBar({
    format: "Downloading {bar} {done}/{size} MB · {eta_formatted} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    stream: process.stderr,
  });
  let started = false;
  return {
    show({ done, total }) {
      const payload = { done: megabytes(done), size: megabytes(total) };
      if (!started) bar.start(total, done, payload);
      else bar.update(done, payload);
      started = true;
    },
    end() {
      if (started) bar.stop();
    },
  };
}

function describe({ file, bytes, sha256, resumedFrom, licence }: DownloadResult): string {
  const before = resumedFrom === bytes ? "it was there already" : `${megabytes(resumedFrom)} MB were there already`;
  return [
    `${file}: ${megabytes(bytes)} MB${resumedFrom > 0 ? `, ${before}` : ""}`,
    `SHA-256 ${sha256}`,
    `licence ${licence}`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
