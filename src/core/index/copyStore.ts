import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { fromFloat16 } from "./float16.ts";
import { cannotOpen } from "./sqliteFailures.ts";
import { SCHEMA_VERSION } from "./sqliteSchema.ts";
import { type SkippedRecord, type Store, StoreError } from "./store.ts";

/** Rows that are written at once. */
const BATCH = 256;

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CopySummary {
  /** Images that were written. */
  readonly copied: number;
  /** Images that were there, the same. */
  readonly already: number;
  /** Of the source: as many are now in the target. */
  readonly images: number;
  /** SHA-256 over paths, contents and embeddings of the source's images in path order, hex; those of the target give the same. */
  readonly proof: string;
}

interface Row {
  readonly path: string;
  readonly mtimeMs: number;
  readonly ctimeMs: number | null;
  readonly size: number;
  readonly hash: Buffer;
  readonly width: number;
  readonly height: number;
  readonly partial: number;
  readonly branches: Buffer;
}

const ROWS = `select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, hash, width, height, partial, branches
  from image join embedding on image.id = image_id order by path`;

/**
 * Copies the images and skipped files of one index into another of the same model. What is there already stays, so a copy that
 * was stopped goes on. Nothing is changed in the source.
 * @param source file of the index to copy
 * @throws StoreError where the source cannot be read, or what was copied is not what is read back
 */
export async function copyStore(
  source: string,
  target: Store,
  dim: number,
  { signal, onProgress = () => {} }: CopyOptions = {},
): Promise<CopySummary> {
  const from = open(source);
  const to = open(target.place);
  try {
    const total = from.prepare<[], number>("select count(*) from image").pluck().get()!;
    const there = new Map(
      to
        .prepare<[], { path: string; print: string }>(
          "select path, hex(hash) || hex(branches) as print from image join embedding on image.id = image_id",
        )
        .all()
        .map(({ path, print }) => [path, createHash("sha256").update(print).digest("base64")]),
    );
    let done = 0;
    let already = 0;
    let batch: Row[] = [];
    const flush = async () => {
      signal?.throwIfAborted();
      await target.put(batch.map((row) => embedded(row, dim)));
      batch = [];
      onProgress(done, total);
      await setImmediate();
    };
    for (const row of from.prepare<[], Row>(ROWS).iterate()) {
      done++;
      const print = `${row.hash.toString("hex")}${row.branches.toString("hex")}`.toUpperCase();
      if (there.get(row.path) === createHash("sha256").update(print).digest("base64")) already++;
      else batch.push(row);
      if (batch.length === BATCH) await flush();
    }
    await flush();
    await target.skip(
      from
        .prepare<[], SkippedRecord>(
          "select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, reason, kind from skipped",
        )
        .all()
        // An image of the target is newer than that.
        .filter(({ path }) => !there.has(path))
        .map(({ kind, ...rest }) => (kind == null ? rest : { ...rest, kind })),
    );
    const proof = await proofOf(from);
    const copy = await proofOf(to, from);
    if (copy !== proof)
      throw new StoreError(`${target.place} is not the same as ${source} after copying. Copy it again.`);
    return { copied: done - already, already, images: done, proof };
  } finally {
    from.close();
    to.close();
  }
}

function open(file: string): Database.Database {
  let database: Database.Database;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
  } catch (error) {
    throw cannotOpen(file, error);
  }
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version === SCHEMA_VERSION) return database;
  database.close();
  throw new StoreError(
    `The index ${file} has format ${version}, and ${SCHEMA_VERSION} is copied. Use it once with this version of Lookalike first.`,
  );
}

function embedded({ hash, branches, partial, ...image }: Row, dim: number) {
  const embedding = new Float32Array(dim);
  fromFloat16(branches, embedding);
  return { image: { ...image, hash, partial: partial === 1 }, embedding };
}

/** @param only images that this database has; all where absent */
async function proofOf(database: Database.Database, only?: Database.Database): Promise<string> {
  const has = only?.prepare<[string]>("select 1 from image where path = ?");
  const sha256 = createHash("sha256");
  let count = 0;
  for (const { path, hash, branches } of database.prepare<[], Row>(ROWS).iterate()) {
    if (has !== undefined && has.get(path) === undefined) continue;
    sha256.update(`${path}\0`).update(hash).update(branches);
    if (++count % BATCH === 0) await setImmediate();
  }
  return sha256.update(String(count)).digest("hex");
}
