import { join } from "node:path";
import { type InputSpec, PARTIAL_KIND } from "../../shared/index.ts";
import {
  type BufferPool,
  type DecodedImage,
  decodeBytes,
  type FoundImage,
  ImageError,
  type ImageFile,
  isGone,
  readImage,
} from "../images/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { roundToFloat16 } from "./float16.ts";
import type { EmbeddedImage, KnownContent, SkippedRecord, Store } from "./store.ts";

const LEFT_OUT = "read in part, and such images are left out";

type FileState = Omit<ImageFile, "bytes"> & { readonly path: string };

/** What looking into a file gave. */
export type Looked =
  /** A content that is in the store already. */
  | { readonly state: FileState; readonly known: KnownContent }
  | { readonly state: FileState; readonly decoded: DecodedImage }
  | { readonly skip: SkippedRecord }
  /** Deleted since it was listed. */
  | { readonly gone: string };

export type LookedInto = Extract<Looked, { state: FileState }>;

export interface LookOptions {
  /** Whether contents that the store knows are taken from there. */
  readonly reuse: boolean;
  /** Whether images that can only be read in part are skipped. */
  readonly wholeOnly: boolean;
  readonly buffers: BufferPool;
  /** Nobody waits for it any more: what is being decoded is let go. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file, and decodes it unless its content is known. It never rejects: the look-ahead of a cancelled run has
 * nobody left who would catch it.
 */
export async function lookInto(
  folder: string,
  found: FoundImage,
  input: InputSpec,
  store: Store,
  { reuse, wholeOnly, buffers, signal }: LookOptions,
): Promise<Looked> {
  const { path } = found;
  let state: Omit<SkippedRecord, "reason"> = found;
  let taken: Buffer | undefined;
  try {
    const { bytes, ...read } = await readImage(join(folder, path), buffers);
    taken = bytes;
    state = { path, mtimeMs: read.mtimeMs, ctimeMs: read.ctimeMs, size: read.size };
    const known = reuse ? await store.content(read.hash) : undefined;
    const file = { path, ...read };
    const decode = () => decodeBytes(bytes, input, undefined, { signal });
    const looked: LookedInto = known === undefined ? { state: file, decoded: await decode() } : { state: file, known };
    if (wholeOnly && isPartial(looked)) throw new ImageError(LEFT_OUT, { kind: PARTIAL_KIND });
    return looked;
  } catch (error) {
    if (isGone(error)) return { gone: path };
    const failure = error instanceof ImageError ? error : notItsFault(error);
    const kind = failure.kind === undefined ? {} : { kind: failure.kind };
    // A file that could not even be read may become readable without a new time or size, so it is tried again each run.
    return { skip: { ...state, size: failure.retry ? -1 : state.size, reason: failure.message, ...kind } };
  } finally {
    if (taken !== undefined) buffers.give(taken);
  }
}

/** The machine, or the index, was in the way: of the file that says nothing, so it is tried again. */
function notItsFault(error: unknown): ImageError {
  return new ImageError(error instanceof Error ? error.message : String(error), { retry: true, cause: error });
}

function isPartial(looked: LookedInto): boolean {
  return ("known" in looked ? looked.known : looked.decoded).partial;
}

export interface EmbedOptions {
  readonly reuse: boolean;
  /** Makes room for the model's input, which is free again after the call. */
  readonly pixels: BufferPool;
}

/**
 * Embeds what is not known; each content once.
 * @returns the images in the order of the items, those of which the model gives no numbers apart, and how many of the images were
 *   not embedded
 */
export async function embedLooked(
  embedder: Embedder,
  items: readonly LookedInto[],
  store: Store,
  { reuse, pixels }: EmbedOptions,
): Promise<{ images: EmbeddedImage[]; failed: SkippedRecord[]; reused: number }> {
  const contents = new Map<string, KnownContent>();
  const fresh = new Map<string, DecodedImage>();
  for (const item of items) {
    const key = keyOf(item);
    if (contents.has(key) || fresh.has(key)) continue;
    // A copy of it may have been stored since this one was decoded.
    const known = "known" in item ? item.known : reuse ? await store.content(item.state.hash) : undefined;
    if (known !== undefined) contents.set(key, known);
    else if ("decoded" in item) fresh.set(key, item.decoded);
  }
  const decoded = [...fresh.values()];
  const rows = decoded.length === 0 ? undefined : await embed(embedder, decoded, pixels);
  for (const [i, [key, { width, height, partial }]] of [...fresh].entries()) {
    const embedding = rows!.subarray(i * embedder.dim, (i + 1) * embedder.dim);
    if (embedding.every(Number.isFinite)) contents.set(key, { width, height, partial, embedding });
  }
  const images: EmbeddedImage[] = [];
  const failed: SkippedRecord[] = [];
  let reused = 0;
  for (const item of items) {
    const { path, mtimeMs, ctimeMs, size, hash } = item.state;
    const content = contents.get(keyOf(item));
    if (content === undefined) {
      failed.push({
        path,
        mtimeMs,
        ctimeMs,
        size,
        reason: `the model ${embedder.summary.name} gives no numbers for it`,
      });
      continue;
    }
    // The first file of a content was embedded, copies of it were not.
    if (!fresh.delete(keyOf(item))) reused++;
    const { embedding, ...known } = content;
    images.push({ image: { path, mtimeMs, ctimeMs, size, hash, ...known }, embedding });
  }
  return { images, failed, reused };
}

function keyOf({ state }: LookedInto): string {
  return Buffer.from(state.hash).toString("base64");
}

/** @returns float32 `[count, dim]`, rounded: what is searched now and what is read back later are the same numbers */
async function embed(embedder: Embedder, decoded: readonly DecodedImage[], pool: BufferPool): Promise<Float32Array> {
  const { width, height } = embedder.manifest.input;
  const imageBytes = width * height * 3;
  const pixels = pool.take(decoded.length * imageBytes);
  for (const [i, image] of decoded.entries()) pixels.set(image.pixels, i * imageBytes);
  const rows = await embedder.embed(pixels, decoded.length);
  pool.give(pixels);
  roundToFloat16(rows);
  return rows;
}
