import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder, writeFileAtomically } from "../../files/index.ts";
import { encodeWeightsOrigin, originFile } from "../weightsOrigin.ts";
import type { HubConnection } from "./connection.ts";
import { onDisk } from "./disk.ts";
import { HubError } from "./errors.ts";
import type { HubFile, HubRepository } from "./repository.ts";
import { sizeOf, transfer } from "./transfer.ts";

export interface DownloadProgress {
  /** Bytes on this machine. */
  readonly done: number;
  /** Bytes of the whole file. */
  readonly total: number;
}

export interface DownloadResult {
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Bytes that were here before: of a broken transfer, or all of them. */
  readonly resumedFrom: number;
  readonly repo: string;
  readonly commit: string;
  readonly licence: string;
}

/**
 * Downloads a file of a repository, and writes where it comes from beside it. Until it is whole and its checksum is
 * right it lies in `<out>.<checksum>.part`, from which the next call goes on.
 * @throws HubError where it cannot be had or written, or is damaged; the signal's reason where that stops it
 */
export async function download(
  hub: HubConnection,
  { repo, commit, licence }: HubRepository,
  file: HubFile,
  out: string,
  onProgress: (progress: DownloadProgress) => void,
): Promise<DownloadResult> {
  const { signal } = hub;
  const { path, size, checksum } = file;
  const target = resolve(out);
  const context = { host: hub.host, what: `${path} of ${repo}` };
  const result = { file: target, bytes: size, repo, commit, licence };
  const origin = { source: `hub ${repo}, ${path}`, version: commit, licence };

  const present = await verifyPresent(target, file);
  if (present !== undefined) {
    await onDisk(target, () => writeOrigin(target, encodeWeightsOrigin(origin, present)));
    return { ...result, sha256: present, resumedFrom: size };
  }

  const part = `${target}.${checksum.hex.slice(0, 12)}.part`;
  await onDisk(target, async () => makeFolder(dirname(target)));
  const resumedFrom = Math.min(await sizeOf(part), size);
  await checkRoom(target, size - resumedFrom);
  const url = `${hub.endpoint}/${repo}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
  const progress = (done: number) => onProgress({ done, total: size });
  await transfer({ url, part, size, fetch: hub.fetch, context, signal, onProgress: progress });

  const sums = await onDisk(part, () => checksums(part, size, signal));
  signal?.throwIfAborted();
  if (sums[checksum.algorithm] !== checksum.hex) {
    await rm(part, { force: true });
    throw new HubError(
      `${context.what} arrived damaged: its checksum is ${sums[checksum.algorithm].slice(0, 12)}... instead of ` +
        `${checksum.hex.slice(0, 12)}..., and it was thrown away. Download it again; if that does not help, ` +
        "something between here and the hub changes it.",
    );
  }
  await onDisk(target, async () => {
    await writeOrigin(target, encodeWeightsOrigin(origin, sums.sha256));
    await rename(part, target);
  });
  return { ...result, sha256: sums.sha256, resumedFrom };
}

function writeOrigin(target: string, text: string): Promise<void> {
  return writeFileAtomically(originFile(target), Buffer.from(text));
}

/** SHA-256 of what lies at the target where that is the file itself; undefined where nothing does. */
async function verifyPresent(target: string, { size, checksum, path }: HubFile): Promise<string | undefined> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return undefined;
  const sums = found.size === size && found.isFile() ? await onDisk(target, () => checksums(target, size)) : undefined;
  if (sums?.[checksum.algorithm] === checksum.hex) return sums.sha256;
  throw new HubError(`${target} exists and is not ${path}. Remove it, or choose another file to write.`);
}

/** Before the first byte rather than after the last that fits. */
async function checkRoom(target: string, bytes: number): Promise<void> {
  const room = await statfs(dirname(target)).catch(() => undefined);
  if (room === undefined || room.bavail * room.bsize >= bytes) return;
  const megabytes = (n: number) => `${Math.ceil(n / 1e6)} MB`;
  throw new HubError(
    `${target} cannot be written: it needs ${megabytes(bytes)}, and the disk has ${megabytes(room.bavail * room.bsize)} left. Make room, or choose another folder.`,
  );
}

/** Of what is on the disk, not of what went over the line. */
async function checksums(
  file: string,
  size: number,
  signal?: AbortSignal,
): Promise<{ readonly sha256: string; readonly "git-sha1": string }> {
  const sha256 = createHash("sha256");
  const sha1 = createHash("sha1").update(`blob ${size}\0`);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
    sha256.update(chunk);
    sha1.update(chunk);
  }
  return { sha256: sha256.digest("hex"), "git-sha1": sha1.digest("hex") };
}
