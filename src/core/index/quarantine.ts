import { promises as fs } from "node:fs";
import { join } from "node:path";
import { decodeForModel, trialDecode } from "../images/index.ts";
import { type Embedder, TrialEmbedder } from "../runtime/index.ts";
import { sameState } from "./plan.ts";
import { isInShard, type Shard } from "./shard.ts";
import type { SkippedRecord, Store } from "./store.ts";

/** The end of each reason, by which these files are known again. */
const UNTIL_IT_CHANGES = "it is tried again once it changes";
/** Ends of a process that somebody asked for: they say nothing of the file. */
const ASKED_FOR = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

export interface Quarantined {
  /** Files that are skipped from now on, until they change. */
  readonly deadly: readonly SkippedRecord[];
  /** Paths of files that were held as well, and did no harm when they were tried one by one; those first that were held last. */
  readonly harmless: readonly string[];
  /** Of the harmless ones: two deaths in a row found exactly them held. */
  readonly twice: readonly string[];
  /** Paths of all that were held. */
  readonly held: readonly string[];
}

export interface QuarantineOptions {
  /** Tries those again that were skipped because they ended a process. */
  readonly again?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Only files of this one. */
  readonly shard?: Shard | undefined;
}

/**
 * Looks at the files that an earlier process held when it died, in whichever stage. Each goes through the decoder and the
 * model alone and in another process; one that ends that too is skipped from now on, until it changes. The notes of the
 * others stay. To be called while nobody else is at work on the store.
 * @throws where the store cannot be written, or `signal` aborts; the files are suspects still
 */
export async function quarantine(
  folder: string,
  store: Store,
  embedder: Embedder,
  { again = false, signal, shard }: QuarantineOptions = {},
): Promise<Quarantined> {
  const held = await store.heldAtDeath((path) => isInShard(path, shard));
  const left = new Set(held.map(({ path }) => path));
  if (again) for (const path of await quarantinedPaths(folder, store)) left.add(path);
  if (left.size === 0) return { deadly: [], harmless: [], twice: [], held: [] };
  const suspects = [...left];
  const ends = await trialEnds(folder, suspects, embedder, signal);
  signal?.throwIfAborted();
  const deadly: SkippedRecord[] = [];
  const harmless: string[] = [];
  for (const [i, path] of suspects.entries()) {
    const end = ends[i]!;
    const stat = await fs.stat(join(folder, path)).catch(() => undefined);
    if (stat === undefined) continue;
    if (end === null) harmless.push(path);
    else {
      const reason = `${end}; ${UNTIL_IT_CHANGES}`;
      deadly.push({ path, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs, size: stat.size, reason });
    }
  }
  if (deadly.length > 0) await store.skip(deadly);
  const twice = held.filter((file) => file.twice && harmless.includes(file.path)).map(({ path }) => path);
  return { deadly, harmless, twice, held: [...left] };
}

/** For each file what it ended, and how; null where nothing. */
async function trialEnds(
  folder: string,
  paths: readonly string[],
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<(string | null)[]> {
  const { input } = embedder.manifest;
  const files = paths.map((path) => join(folder, path));
  const decoding = await trialDecode(files, input);
  const model = new TrialEmbedder(embedder);
  const ends: (string | null)[] = [];
  try {
    for (const [i, file] of files.entries()) {
      signal?.throwIfAborted();
      const end = decoding[i]!;
      if (end !== null) {
        ends.push(ASKED_FOR.has(end) ? null : `damaged: it ended the decoder (${end})`);
        continue;
      }
      // What cannot be decoded never comes to the model; the update will say why.
      const decoded = await decodeForModel(file, input).catch(() => undefined);
      const run = decoded === undefined ? null : await model.run(decoded.pixels);
      const harmless = run === null || ASKED_FOR.has(run);
      ends.push(harmless ? null : `it ended the model's run on ${embedder.device} (${run})`);
    }
  } finally {
    model.release();
  }
  return ends;
}

/** Files that were skipped because they ended a process, and are as they were. */
async function quarantinedPaths(folder: string, store: Store): Promise<string[]> {
  const skipped = (await store.skipped()).filter(({ reason }) => reason.endsWith(UNTIL_IT_CHANGES));
  const paths: string[] = [];
  for (const record of skipped) {
    const stat = await fs.stat(join(folder, record.path)).catch(() => undefined);
    if (stat !== undefined && sameState(record, stat)) paths.push(record.path);
  }
  return paths;
}
