import { stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { SingleBar } from "cli-progress";
import type {
  CatalogueEntry,
  DownloadProgress,
  DownloadResult,
  HubFile,
  HubRepository,
  StatedLicence,
} from "../../core/model/hub/index.ts";
import { visible } from "../../shared/index.ts";

export interface DownloadCommandOptions {
  /** Path in the repository; needed where it has several safetensors files. */
  readonly file?: string;
  /** File to write, or a folder; the current folder by default. */
  readonly out?: string;
  /** A folder that gets the file with what it needs beside it, laid out as in the repository. */
  readonly folder?: string;
  /** Also its tower for words. */
  readonly text?: boolean;
  readonly list?: boolean;
  /** Base URL of the hub; the variable HF_ENDPOINT by default, then the public hub. */
  readonly endpoint?: string;
  readonly json?: boolean;
}

/**
 * `lookalike model download`: backbone weights from a model hub. Progress goes to stderr, the result to stdout. Ctrl-C
 * stops and keeps what has arrived.
 * @param repo `owner/model`, the name of a backbone such as `resnet50`, or of the catalogue; without one the catalogue is shown
 */
export async function downloadCommand(repo: string | undefined, options: DownloadCommandOptions): Promise<void> {
  const hubModule = await import("../../core/model/hub/index.ts");
  const { CATALOGUE, downloadFile, downloadNetwork, HUB_BACKBONES, openRepository, statedLicences } = hubModule;
  if (repo === undefined) {
    console.log(options.json ? JSON.stringify(CATALOGUE, null, 2) : catalogue(CATALOGUE));
    return;
  }
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  const endpoint = options.endpoint ?? (process.env["HF_ENDPOINT"] || undefined);
  const hub = { endpoint, token: hubModule.tokenOfEnvironment(), signal: abort.signal };
  const progress = process.stderr.isTTY ? progressBar() : undefined;
  try {
    const known = CATALOGUE.find(({ name }) => name.toLowerCase() === repo.toLowerCase());
    const name = known?.repo ?? (Object.hasOwn(HUB_BACKBONES, repo) ? HUB_BACKBONES[repo]! : repo);
    const repository = await openRepository(name, hub);
    const licences = await statedLicences(repository, hub);
    if (options.list) {
      const files = hubModule.inOrderOfUse(repository.files, false);
      console.log(
        options.json
          ? JSON.stringify({ ...repository, files, licences }, null, 2)
          : listing(visible(repository), visible(files)),
      );
      for (const warning of warnings(visible(licences))) console.error(warning);
      return;
    }
    const file = choose(repository, options.file ?? known?.file);
    const text = options.text === true ? hubModule.textTowerOf(repository, file) : undefined;
    if (options.text === true) requireTower(repository, file, text, options);
    const words = text === undefined ? 0 : hubModule.sizeOfText(repository, text);
    const size = options.folder === undefined ? file.size : hubModule.sizeOfNetwork(repository, file) + words;
    console.error(visible(`${file.path} of ${repository.repo}, ${megabytes(size)} MB, licence ${repository.licence}`));
    for (const warning of warnings(visible(licences))) console.error(warning);
    const how = { ...hub, onProgress: (state: DownloadProgress) => progress?.show(state) };
    const result =
      options.folder === undefined
        ? await downloadFile(repository, file, await targetOf(repository, file, options.out), how)
        : await downloadNetwork(repository, file, options.folder, { ...how, text });
    progress?.end();
    const tower = text === undefined || options.folder === undefined ? undefined : join(options.folder, text.path);
    if (options.json) console.log(JSON.stringify(tower === undefined ? result : { ...result, text: tower }, null, 2));
    else
      console.log([describe(visible(result)), ...(tower === undefined ? [] : [`words: ${visible(tower)}`])].join("\n"));
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
  if (files.length === 0) throw new Error(`${repo} has no safetensors or ONNX file. Choose another repository.`);
  const list = files.map((each) => `  ${each.path} (${megabytes(each.size)} MB)`).join("\n");
  const what = path === undefined ? `${repo} has several networks` : `${repo} has no network ${path}`;
  throw new Error(`${what}. Choose one with --file:\n${list}`);
}

/** @throws where there is no tower for words, or no folder that its tokenizer can lie in beside it */
function requireTower(
  { repo }: HubRepository,
  { path }: HubFile,
  text: HubFile | undefined,
  { folder }: DownloadCommandOptions,
): void {
  if (text === undefined) {
    throw new Error(
      `${repo} has no tower for words beside ${path}. Of the catalogue (lookalike model download) CLIP and SigLIP have one.`,
    );
  }
  if (folder === undefined) throw new Error("A tower for words needs its tokenizer beside it: give --folder.");
}

/** Most repositories call their file model.safetensors, so the repository's name tells more. */
async function targetOf({ repo }: HubRepository, { path }: HubFile, out = "."): Promise<string> {
  const isFolder = (await stat(out).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return out;
  const name = posix.basename(path);
  return join(out, name === "model.safetensors" ? `${basename(repo)}.safetensors` : name.replace(/[^\w.-]/g, "_"));
}

function catalogue(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ name, repo, licence, megabytes: size, goodAt }) => [
    name,
    repo,
    licence,
    `${size} MB`,
    goodAt,
  ]);
  return [
    ...table(rows),
    "",
    "lookalike model download <name or repository> --folder <folder>, then lookalike model import or build.",
  ].join("\n");
}

function listing({ repo, licence, companions }: HubRepository, files: readonly HubFile[]): string {
  const rows = files.map(({ path, size }) => [path, `${megabytes(size)} MB`]);
  const beside = companions.map(({ path }) => path).join(", ");
  return [`${repo}, licence ${licence}`, ...table(rows), ...(beside === "" ? [] : [`beside them: ${beside}`])].join(
    "\n",
  );
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd());
}

function warnings(licences: readonly StatedLicence[]): string[] {
  return licences.flatMap(({ text, where, flag }) => {
    if (flag === "forbids") return [`Note: by its ${where} the licence is ${text}, which forbids products.`];
    if (flag === "terms") return [`Note: by its ${where} the licence is ${text}: terms of its own; read them first.`];
    return flag === "none" ? ["Note: the repository states no licence."] : [];
  });
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
